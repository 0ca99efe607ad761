# The PSGI application of starman. It counts what its one worker executes.
use strict;
use warnings;

my $executed = 0;

sub content {
    my ($path, $length) = @_;
    return (200, $executed) if $path eq '/executed';
    $executed++;
    return (200, $length) if $path eq '/length';
    open(my $file, '<:raw', $ENV{WWW} . $path) or return (404, "none\n");
    local $/;
    return (200, scalar <$file>);
}

sub {
    my $env = shift;
    my $length = 0;
    while (my $got = $env->{'psgi.input'}->read(my $part, 65536)) { $length += $got }
    my ($status, $content) = content($env->{PATH_INFO}, $length);
    my $fields = ['Content-Type' => 'text/plain', 'Content-Length' => length $content];
    return [$status, $fields, $env->{REQUEST_METHOD} eq 'HEAD' ? [] : [$content]];
}
