/* The host: `host --receive=read --send=writev …` serves HTTP/1.1 on 127.0.0.1 and leaves after a
 * number of connections, status 0 when every call went as a server may expect. Knows the command
 * line and how to listen. Refuses to know anything of a preloaded library. An alarm ends it should
 * it hang: nothing in a test waits for ever. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host.h"

enum { LIFETIME_S = 60, NO_LIMIT_LEFT = 77 };

struct settings settings = {
    .listener = -1, .connections = 1, .pass_by = "recvmsg", .listen_pid = "own"};

static const char* value_of(const char* argument, const char* name) {
    size_t length = strlen(name);
    return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1
                                                                           : NULL;
}

static const struct {
    const char* name;
    int* number;
    const char** text;
} plain_options[] = {
    {"--port", &settings.port, NULL},
    {"--listener", &settings.listener, NULL},
    {"--connections", &settings.connections, NULL},
    {"--high", &settings.high, NULL},
    {"--sndbuf", &settings.send_buffer, NULL},
    {"--receive-timeout", &settings.receive_timeout, NULL},
    {"--trace", NULL, &settings.trace},
    {"--unix", NULL, &settings.unix_path},
    {"--stderr", NULL, &settings.standard_error},
    {"--pass", NULL, &settings.pass},
    {"--pass-by", NULL, &settings.pass_by},
    {"--inetd", NULL, &settings.inetd},
    {"--listen-fds", NULL, &settings.listen_fds},
    {"--listen-pid", NULL, &settings.listen_pid},
    {"--already", NULL, &settings.already},
    {"--filter", NULL, &settings.filter},
    {"--plug-in", NULL, &settings.plug_in},
};

static bool take_plain(const char* argument) {
    for (size_t i = 0; i < sizeof plain_options / sizeof *plain_options; ++i) {
        const char* value = value_of(argument, plain_options[i].name);
        if (value && plain_options[i].number) {
            *plain_options[i].number = atoi(value);
        } else if (value) {
            *plain_options[i].text = value;
        }
        if (value) {
            return true;
        }
    }
    return false;
}

static bool take_way(const char* argument) {
    const char* value;
    if ((value = value_of(argument, "--receive"))) {
        settings.receive = receive_named(value);
    } else if ((value = value_of(argument, "--send"))) {
        settings.send = send_named(value);
    } else if ((value = value_of(argument, "--accept"))) {
        settings.accept = accept_named(value);
    } else if ((value = value_of(argument, "--close"))) {
        settings.close = close_named(value);
    } else if ((value = value_of(argument, "--dup"))) {
        settings.duplicate = duplicate_named(value);
    }
    return value != NULL;
}

static bool take_switch(const char* argument) {
    if (strcmp(argument, "--threads") == 0) {
        settings.mode = THREADS;
    } else if (strcmp(argument, "--nonblocking") == 0) {
        settings.mode = EDGE_TRIGGERED;
    } else if (strcmp(argument, "--short-is-drained") == 0) {
        settings.short_is_drained = true;
    } else if (strcmp(argument, "--interrupts") == 0) {
        settings.interrupts = true;
    } else if (strcmp(argument, "--restarted-interrupts") == 0) {
        settings.interrupts = settings.restarted = true;
    } else if (strcmp(argument, "--no-stderr") == 0) {
        settings.no_stderr = true;
    } else if (strcmp(argument, "--standard-io") == 0) {
        settings.standard_io = true;
    } else {
        return false;
    }
    return true;
}

static void take_arguments(char** arguments) {
    settings.arguments = arguments;
    settings.receive = receive_named("read");
    settings.send = send_named("write");
    settings.accept = accept_named("accept");
    settings.close = close_named("close");
    for (char** argument = arguments + 1; *argument; ++argument) {
        if (!take_plain(*argument) && !take_way(*argument) && !take_switch(*argument)) {
            give_up(*argument);
        }
    }
}

static void replace_standard_error(void) {
    int file = open(settings.standard_error, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || dup2(file, 2) != 2) {
        give_up("another standard error");
    }
    (void)close(file);
}

static void allow_high_numbers(void) {
    struct rlimit limit = {(rlim_t)settings.high + 64, (rlim_t)settings.high + 64};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        exit(NO_LIMIT_LEFT);
    }
}

static int listen_on_unix(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", settings.unix_path);
    if (listener < 0 || bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 64) != 0) {
        give_up("listen on AF_UNIX");
    }
    return listener;
}

static int listen_on_tcp(void) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)settings.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 1024) != 0) {
        give_up("listen on TCP");
    }
    return listener;
}

static int listener(void) {
    if (settings.listener >= 0) {
        return settings.listener;
    }
    return settings.unix_path ? listen_on_unix() : listen_on_tcp();
}

static void say_port(int fd) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr*)&address, &length) != 0) {
        give_up("getsockname");
    }
    (void)printf("port %d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
}

static void serve_standard_io(void) {
    struct connection* connection = connection_on(settings.listen_fds ? 3 : 0);
    connection->out = settings.listen_fds ? last_passed() : 1;
    if (settings.already) {
        connection->held = strlen(settings.already);
        memcpy(connection->buffer, settings.already, connection->held);
    }
    serve(connection);
}

static void run(int fd) {
    if (settings.pass) {
        loop_passing(fd);
    } else if (settings.inetd) {
        loop_inetd(fd);
    } else if (settings.mode == THREADS) {
        loop_threads(fd);
    } else if (settings.mode == EDGE_TRIGGERED) {
        loop_edge_triggered(fd);
    } else {
        loop_sequential(fd);
    }
}

int main(int count, char** arguments) {
    (void)count;
    (void)alarm(LIFETIME_S);
    (void)signal(SIGPIPE, SIG_IGN);
    take_arguments(arguments);
    if (settings.standard_io) {
        serve_standard_io();
        return 0;
    }
    if (settings.high) {
        allow_high_numbers();
    }
    if (settings.standard_error) {
        replace_standard_error();
    }
    int fd = listener();
    say_port(fd);
    if (settings.interrupts) {
        interrupt_often(settings.restarted);
    }
    if (settings.no_stderr) {
        (void)close(2);
    }
    if (settings.filter) {
        filter_calls(settings.filter);
    }
    run(fd);
    (void)close(fd);
    return 0;
}
