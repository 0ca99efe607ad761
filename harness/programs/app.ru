# The Rack application of puma and thin. It counts what it executes.
WWW = ENV.fetch('WWW')
CHUNKS = ["first\n", "second " * 5000 + "\n", "third\n"].freeze
LOCK = Mutex.new
$executed = 0

def resource(path, length)
  return [200, $executed.to_s] if path == '/executed'
  LOCK.synchronize { $executed += 1 }
  return [200, length.to_s] if path == '/length'
  file = File.join(WWW, path)
  File.file?(file) ? [200, File.binread(file)] : [404, "none\n"]
end

run(lambda do |env|
  length = env['rack.input'].read.to_s.bytesize
  if env['PATH_INFO'] == '/chunks'
    LOCK.synchronize { $executed += 1 }
    return [200, { 'Content-Type' => 'text/plain' }, CHUNKS.each]
  end
  status, content = resource(env['PATH_INFO'], length)
  fields = { 'Content-Type' => 'text/plain', 'Content-Length' => content.bytesize.to_s }
  [status, fields, env['REQUEST_METHOD'] == 'HEAD' ? [] : [content]]
end)
