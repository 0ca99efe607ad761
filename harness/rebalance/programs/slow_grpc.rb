# The gRPC server of Ruby's gem: so many calls in work at once, the others wait in their threads. It
# answers and notes what slow_grpc.py does.
require 'grpc'

NAME = File.read(ENV.fetch('INSTANCE')).strip
SERVICE = ENV.fetch('SERVICE').to_f
EXECUTED = File.open(ENV.fetch('EXECUTED'), 'a').tap { |file| file.sync = true }
FREE = SizedQueue.new(ENV.fetch('WORKERS').to_i)

# Bytes as they are, in the place of a protocol buffer.
Plain = Struct.new(:text) do
  def self.marshal(plain) = plain.text
  def self.unmarshal(text) = new(text)
end

class Instance
  include GRPC::GenericService
  self.marshal_class_method = :marshal
  self.unmarshal_class_method = :unmarshal
  self.service_name = 'rebalance.Instance'
  rpc :Name, Plain, Plain

  def name(request, call)
    FREE.push(true)
    EXECUTED.write("#{request.text}\n")
    sleep SERVICE
    Plain.new("#{NAME} #{call.peer}")
  ensure
    FREE.pop
  end
end

# The gem refuses a call that no thread is free for, so there is one for each that can come.
server = GRPC::RpcServer.new(pool_size: 300)
server.add_http2_port("#{ENV.fetch('ADDRESS')}:#{ENV.fetch('PORT')}", :this_port_is_insecure)
server.handle(Instance.new)
server.run
