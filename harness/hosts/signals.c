/* `signals CALL DEED EXCHANGES [restart]`: after so many exchanges the main thread blocks in a read
 * or a write of a connection, and a signal's handler uses the same connection: it writes, reads,
 * closes. Prints what every call returned, and what the client got. Knows when a thread sleeps.
 * Refuses to know whether such a server is wise: many have been written. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

static const char question[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
static const char late[] = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
enum { LONG = 1 << 23 };
static char long_reply[LONG] = "HTTP/1.1 200 OK\r\nContent-Length: 8388000\r\n\r\n";

static int ours;
static int theirs;
static pid_t main_thread;
static pthread_t main_handle;
static const char* deed;

static void die(const char* why) {
    perror(why);
    exit(3);
}

/* The results of the handler, printed when it is over. */
static struct {
    long result;
    int error;
} written, taken, closed;

static void note(long result, long* into, int* error) {
    *into = result;
    *error = result < 0 ? errno : 0;
}

static void use_connection(int signal) {
    (void)signal;
    int kept = errno;
    char byte[64];
    if (strstr(deed, "write")) {
        note(send(ours, late, sizeof late - 1, MSG_DONTWAIT | MSG_NOSIGNAL), &written.result,
             &written.error);
    }
    if (strstr(deed, "read")) {
        note(recv(ours, byte, sizeof byte, MSG_DONTWAIT), &taken.result, &taken.error);
    }
    if (strstr(deed, "close")) {
        note(close(ours), &closed.result, &closed.error);
    }
    errno = kept;
}

static bool sleeps(pid_t id) {
    char path[64];
    char state = '?';
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)id);
    FILE* file = fopen(path, "re");
    if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
        state = '?';
    }
    if (file) {
        (void)fclose(file);
    }
    return state == 'S';
}

/* In the thread of the client: signals the main thread when it sleeps, then lets it go on. */
static void* disturb(void* nothing) {
    const struct timespec pause = {0, 2000000};
    int in_a_row = 0;
    for (int i = 0; i < 5000 && in_a_row < 10; ++i) {
        (void)nanosleep(&pause, NULL);
        in_a_row = sleeps(main_thread) ? in_a_row + 1 : 0;
    }
    (void)pthread_kill(main_handle, SIGUSR1);
    (void)nanosleep(&(struct timespec){0, 50000000}, NULL);
    (void)raw3(SYS_shutdown, theirs, SHUT_WR, 0); /* a restarted read ends */
    return nothing;
}

static void begin(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &length) != 0) {
        die("listen");
    }
    theirs = (int)raw3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (raw3(SYS_connect, theirs, &address, sizeof address) != 0) {
        die("connect");
    }
    ours = accept(listener, NULL, NULL);
}

static void take_question(void) {
    char buffer[1024];
    (void)raw3(SYS_write, theirs, question, sizeof question - 1);
    if (read(ours, buffer, sizeof buffer) != (ssize_t)(sizeof question - 1)) {
        die("question");
    }
}

static void exchange(void) {
    take_question();
    if (write(ours, reply, sizeof reply - 1) != (ssize_t)(sizeof reply - 1)) {
        die("answer");
    }
}

static void print_handler(void) {
    printf("handler wrote %ld errno %d\n", written.result, written.error);
    printf("handler read %ld errno %d\n", taken.result, taken.error);
    printf("handler closed %ld errno %d\n", closed.result, closed.error);
}

static void read_blocked(void) {
    char buffer[64];
    for (int i = 0; i < 2; ++i) {
        errno = 0;
        long result = read(ours, buffer, sizeof buffer);
        printf("read %ld errno %d\n", result, errno);
    }
}

/* How much went before the signal is a matter of the kernel's buffers; that the client gets as much
 * as was accepted, is not. */
static long write_blocked(void) {
    take_question();
    long result = write(ours, long_reply, LONG);
    printf("write %s\n", result < 0 ? "failed" : result < LONG ? "some" : "all");
    return result;
}

/* What the client got, by its heads; and how much beyond what the host was told was accepted. */
static void print_received(long accepted) {
    static char got[2 * LONG];
    long length = 0;
    long part;
    do {
        part = raw3(SYS_read, theirs, got + length, sizeof got - 1 - (size_t)length);
        length += part > 0 ? part : 0;
    } while (part > 0);
    printf("client ended %ld\n", part);
    for (char* at = got; (at = memmem(at, (size_t)(got + length - at), "HTTP/1.1", 8)); ++at) {
        printf("%.*s\n", (int)strcspn(at, "\r"), at);
    }
    bool closing = memmem(got, (size_t)length, "Connection: close\r\n", 19) != NULL;
    printf("said close %d\n", closing);
    printf("unaccounted %ld\n", length - accepted - 19 * closing);
}

int main(int count, char** arguments) {
    if (count < 4) {
        return 64;
    }
    struct sigaction action = {.sa_handler = use_connection,
                               .sa_flags = count > 4 ? SA_RESTART : 0};
    pthread_t other;
    sigset_t one;
    deed = arguments[2];
    (void)alarm(40);
    main_thread = (pid_t)syscall(SYS_gettid);
    main_handle = pthread_self();
    (void)sigemptyset(&one);
    (void)sigaddset(&one, SIGUSR1);
    begin();
    for (int i = atoi(arguments[3]); i > 0; --i) {
        exchange();
    }
    (void)pthread_sigmask(SIG_BLOCK, &one, NULL);
    if (sigaction(SIGUSR1, &action, NULL) != 0 ||
        pthread_create(&other, NULL, disturb, NULL) != 0) {
        die("a thread");
    }
    (void)pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    bool reads = strcmp(arguments[1], "read") == 0;
    long accepted = atoi(arguments[3]) * (long)(sizeof reply - 1);
    if (reads) {
        read_blocked();
    } else {
        long result = write_blocked();
        accepted += result > 0 ? result : 0;
    }
    (void)pthread_join(other, NULL);
    print_handler();
    printf("close %d\n", close(ours));
    print_received(accepted + (written.result > 0 ? written.result : 0));
    return 0;
}
