/* The parts of the worker host: threads that serve connections together (workers.c), clients that ask
 * them (workers_clients.c), and what its command line says of both. Refuses to know that any response
 * could be the last of its connection. */
#ifndef WORKERS_H
#define WORKERS_H

#include <stdbool.h>

struct asked {
    bool herd; /* threads in one epoll, that answer themselves; else a reader and workers */
    bool edge;
    bool oneshot;
    bool expect; /* requests with content, sent behind a 100 */
    int threads;
    int clients;
    int connections; /* of each client, one after the other */
    int exchanges;   /* after which each is expected to be closed */
    int busy;        /* processes that take processors away */
    const char* way; /* write, writev, sendmsg, sendfile, parts */
};

extern struct asked asked;

void serve_together(int listener); /* starts the threads */

enum { EXCHANGES, EXACT, EARLY, NEVER, DAMAGED, SILENT, COUNTS };

void be_client(long* counts) __attribute__((noreturn)); /* adds to counts, that others share */
void be_busy(void) __attribute__((noreturn));

#endif
