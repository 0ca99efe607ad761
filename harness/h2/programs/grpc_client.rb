# A gRPC client by the C core as Ruby has it: see grpc_service.txt for what it is told and prints.

require 'grpc'
require 'json'

AS_IT_IS = :itself.to_proc
requests, clients = ARGV[1].to_i, ARGV[2].to_i
stub = GRPC::ClientStub.new(ARGV[0], :this_channel_is_insecure)

said, heard = Queue.new, Queue.new
words = Enumerator.new { |out| while (word = said.pop) do out << word end }
chat = Thread.new do
  stub.bidi_streamer('/lastcall.Test/Chat', words, AS_IT_IS, AS_IT_IS).each { |word| heard << word }
  'whole'
rescue GRPC::BadStatus => e
  heard << nil
  e.message
end
echoed = lambda do |word|
  said << word
  heard.pop == word
end

first = echoed.call('first')
numbers = Queue.new
requests.times { |number| numbers << number }
errors = Hash.new(0)
threads = Array.new(clients) do
  Thread.new do
    loop do
      size = numbers.pop(true) % 100
      answer = stub.request_response('/lastcall.Test/Length', 'x' * size, AS_IT_IS, AS_IT_IS,
                                     deadline: Time.now + 60)
      errors["a wrong answer: #{answer}"] += 1 unless answer == size.to_s
    rescue ThreadError
      break
    rescue GRPC::BadStatus => e
      errors[e.message] += 1
    end
  end
end
threads.each(&:join)
last = echoed.call('last') && first
said << nil
failed = errors.values.sum
puts JSON.generate(ok: requests - failed, failed: failed, errors: errors,
                   long: last ? chat.value : 'no echo')
$stdout.flush
$stdin.read
