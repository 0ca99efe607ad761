# WEBrick on its file handler: head by write, content by sendfile, a thread per connection.
require 'webrick'

log = [[$stderr, '%r']]
$stderr.sync = true
server = WEBrick::HTTPServer.new(
  BindAddress: '127.0.0.1', Port: ENV.fetch('PORT').to_i, DocumentRoot: ENV.fetch('WWW'),
  AccessLog: log, MaxClients: 250, RequestTimeout: 30
)
server.mount_proc('/length') { |request, response| response.body = request.body.to_s.bytesize.to_s }
trap('TERM') { server.shutdown }
server.start
