# gRPC's C core as Ruby has it: the service of grpc_service.txt.

require 'grpc'

WWW = ENV.fetch('WWW')
CONTENT = %w[small.txt big.bin].to_h { |name| [name, File.binread("#{WWW}/#{name}")] }

# Messages as they are.
class Bytes < String
  def self.dump(bytes) = bytes
  def self.load(text) = new(text)
end

class Test
  include GRPC::GenericService
  self.marshal_class_method = :dump
  self.unmarshal_class_method = :load
  self.service_name = 'lastcall.Test'
  rpc :Small, Bytes, Bytes
  rpc :Big, Bytes, Bytes
  rpc :Length, Bytes, Bytes
  rpc :Chat, stream(Bytes), stream(Bytes)

  def small(_, call) = answer('Small', call, CONTENT['small.txt'])
  def big(_, call) = answer('Big', call, CONTENT['big.bin'])
  def length(request, call) = answer('Length', call, request.bytesize.to_s)

  def chat(requests, call)
    count('Chat', call)
    requests
  end

  private

  def count(name, call) = $stderr.write("#{name} #{call.peer[/\d+\z/]}\n")

  def answer(name, call, text)
    count(name, call)
    Bytes.new(text)
  end
end

server = GRPC::RpcServer.new(pool_size: 24)
server.add_http2_port("127.0.0.1:#{ENV.fetch('PORT')}", :this_port_is_insecure)
server.handle(Test)
server.run_till_terminated
