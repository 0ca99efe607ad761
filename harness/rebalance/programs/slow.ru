# The Rack application: sleeps, as one that waits for its database; puma's threads are few.
CONTENT = File.binread(ENV.fetch('INSTANCE'))
SERVICE = ENV.fetch('SERVICE').to_f

run(lambda do |_env|
  sleep SERVICE
  [200, { 'Content-Length' => CONTENT.bytesize.to_s }, [CONTENT]]
end)
