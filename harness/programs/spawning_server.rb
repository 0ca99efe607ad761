#!/usr/bin/env ruby
# Answers each request with the output of a child: /system, /backticks or /spawn, all by vfork.
# Leaves after --connections.
require "socket"

def output(path)
  case path
  when "/system" then system("true").to_s
  when "/backticks" then `echo child`
  else
    out, into = IO.pipe
    Process.wait(spawn("echo spawned", out: into, close_others: true))
    into.close
    out.read
  end
end

connections = ARGV.grep(/--connections/).first.split("=").last.to_i
server = TCPServer.new("127.0.0.1", 0)
puts "port #{server.addr[1]}"
$stdout.flush
connections.times do
  client = server.accept
  while (line = client.gets)
    path = line.split[1]
    nil until client.gets.to_s.strip.empty?
    body = output(path)
    client.write("HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\n\r\n#{body}")
  end
  client.close
end
