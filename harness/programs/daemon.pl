# HTTP::Daemon as its manual page shows it: one connection at a time, blocking reads and writes,
# the default action on SIGPIPE. One line on standard error for each executed request.
use strict;
use warnings;
use HTTP::Daemon;
use HTTP::Response;

my $daemon = HTTP::Daemon->new(
    LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 512, ReuseAddr => 1) or die $!;

sub answer {
    my ($client, $request) = @_;
    my $path = $request->uri->path;
    if ($path eq '/length') {
        $client->send_response(HTTP::Response->new(
            200, 'OK', ['Content-Type' => 'text/plain'], length $request->content));
    } elsif ($request->method =~ /^(GET|HEAD)$/) {
        $client->send_file_response($ENV{WWW} . $path);
    } else {
        $client->send_error(405);
    }
}

while (my $client = $daemon->accept) {
    $client->timeout(20);
    while (my $request = $client->get_request) {
        print STDERR $request->method, ' ', $request->uri, "\n";
        answer($client, $request);
    }
    $client->close;
}
