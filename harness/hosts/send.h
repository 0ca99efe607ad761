/* What the files of the sending ways share: how a server goes on after a short count or a full
 * socket, and the names of the ways.
 * Knows the retry. Refuses to know which call is retried. */
#ifndef SEND_H
#define SEND_H

#include <sys/uio.h>

#include "host.h"

typedef ssize_t (*piece_call)(int fd, const char* bytes, size_t length);

/* True when the call is worth repeating for what it did not take; what it took is traced. */
bool may_retry(const char* call, int fd, ssize_t result);
bool send_pieces(int fd, piece_call call, const char* bytes, size_t length, size_t piece);
bool send_head_and_body(int fd, const struct response* response, piece_call head, piece_call body);
void advance(struct iovec* parts, int count, size_t by);
ssize_t call_write(int fd, const char* bytes, size_t length);
ssize_t call_send_more(int fd, const char* bytes, size_t length); /* with MSG_MORE */

struct send_row {
    const char* name;
    send_way way;
};

/* Each ends with a row without a name. */
extern const struct send_row send_whole[];
extern const struct send_row send_vectors[];
extern const struct send_row send_files[];
extern const struct send_row send_unseen[];
extern const struct send_row send_by_ring[];

#endif
