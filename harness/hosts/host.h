/* The shape of the host: a small HTTP/1.1 server that can call libc in every way that real servers
 * do, chosen on its command line and, for single events, by the path of a request. Knows the parts
 * of the program and what they promise each other. Refuses to know that a library may be preloaded:
 * run bare or not, it is the same program and says what happened to it in its trace. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct response {
    char* bytes; /* head and body in one piece */
    size_t head; /* length of the head */
    size_t all;
};

struct connection {
    int in;
    int out;
    size_t held;      /* bytes in the buffer that no request has taken yet */
    size_t body_left; /* bytes of the present request body still to come */
    size_t body;      /* its whole length */
    bool in_body;
    char method[16];
    char path[256];
    char buffer[1 << 16];
};

typedef ssize_t (*receive_way)(int fd, char* buffer, size_t size);
typedef bool (*send_way)(int fd, const struct response* response);
typedef int (*accept_way)(int listener);
typedef int (*close_way)(int fd);
typedef int (*duplicate_way)(int fd);

enum mode { SEQUENTIAL, THREADS, EDGE_TRIGGERED };

struct settings {
    const char* trace;          /* file of the transcript */
    const char* unix_path;      /* listen here instead of on TCP */
    const char* standard_error; /* this file takes descriptor 2 before the host listens */
    const char* pass;           /* hand connections to a worker: fresh, read or exchange */
    const char* pass_by;        /* the call by which the worker receives them */
    const char* inetd;          /* hand connections to an exec'ed child on 0 to 2: the same three */
    const char* listen_fds;     /* but on numbers from 3, and this is LISTEN_FDS */
    const char* listen_pid;     /* own, another, or none */
    const char* plug_in;        /* a shared object whose plug_in_write sends bodies */
    const char* already;        /* with standard_io: bytes that were read before the exec */
    const char* filter;         /* of system calls, installed before the first accept */
    int port;
    int listener;          /* an inherited listener, or -1 */
    int receive_timeout;   /* of each connection, in seconds; 0: none */
    int connections;       /* leave after this many */
    int high;              /* serve every connection on a descriptor number from here */
    int send_buffer;       /* SO_SNDBUF of every connection, or 0 */
    bool interrupts;       /* a timer whose signal restarts nothing */
    bool restarted;        /* or everything */
    bool no_stderr;        /* closed when the host serves */
    bool standard_io;      /* the connection is descriptors 0 and 1, or with listen_fds 3 and on */
    bool short_is_drained; /* after a short read, wait for the next event as nginx does */
    enum mode mode;
    receive_way receive;
    send_way send;
    accept_way accept;
    close_way close;
    duplicate_way duplicate; /* write on a duplicate of the descriptor that is read */
    char** arguments;
};

extern struct settings settings;

/* trace.c */
void trace(const char* format, ...) __attribute__((format(printf, 1, 2)));
void trace_result(const char* call, long result); /* with errno when it failed */
void trace_bytes(const char* what, const char* bytes, size_t length);
void give_up(const char* why) __attribute__((noreturn));

/* receive.c, send.c, lifecycle.c: the ways, by name; give up when there is none */
receive_way receive_named(const char* name);
send_way send_named(const char* name);
accept_way accept_named(const char* name);
close_way close_named(const char* name);
duplicate_way duplicate_named(const char* name);

ssize_t receive_by_ring(int fd, char* buffer, size_t size); /* uring.c */
bool send_all(int fd, const char* bytes, size_t length);
bool wait_for(int fd, short events); /* bounded; false when nothing came */
FILE* stream_of(int fd);             /* one stdio stream a descriptor, made when first asked for */
int file_with(const char* bytes, size_t length); /* a descriptor at offset 0 */

/* disturb.c */
void interrupt_often(bool restart);
void filter_calls(const char* rule);

/* connection.c */
struct connection* connection_on(int fd);
void connection_end(struct connection* connection);
bool receive_once(struct connection* connection, ssize_t* received);
bool answer_all(struct connection* connection);
void serve(struct connection* connection);

/* response.c */
struct response* response_make(const struct connection* connection, size_t body);
void response_free(struct response* response);
bool respond(const struct connection* connection);

/* actions.c: a path begins with the name of what happens besides the response. False ends the
 * connection. */
bool act(struct connection* connection);

/* children.c, reuse.c, refused.c: actions with a file of their own */
bool act_child(struct connection* connection, const char* argument);
bool act_cgi(struct connection* connection, const char* argument);
bool act_reuse(struct connection* connection, const char* argument);
bool act_refused(struct connection* connection, const char* argument);
bool act_silent(struct connection* connection, const char* argument);
bool act_broken(struct connection* connection, const char* argument);

/* loops.c, passing.c: from a listener to served connections */
void loop_sequential(int listener);
void loop_threads(int listener);
void loop_edge_triggered(int listener);
void loop_passing(int listener);
void loop_inetd(int listener);
int last_passed(void); /* the number on which an exec'ed child that is given listen_fds answers */

#endif
