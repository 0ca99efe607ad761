// The helper is the program's child for a moment. It must leave no zombie to a program that knows
// nothing of it, so SIGCHLD is ignored from before the helper's end on; the guest, which waits for
// that end, gives the signal back. (Where the guest has been refused nobody does, until Go's
// runtime sees to its signals.)

#include "helper.hpp"

#include "../as_if_without.hpp"
#include "bringing.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace lastcall::go {
namespace {

struct Pipe {
    int ends[2] = {-1, -1};
    [[nodiscard]] bool open() { return pipe2(ends, O_CLOEXEC) == 0; }
    void close() const {
        ::close(ends[0]);
        ::close(ends[1]);
    }
};

bool tell(const Pipe& pipe, int word) {
    return write(pipe.ends[1], &word, sizeof word) == sizeof word;
}

int hear(const Pipe& pipe) {
    int word = EPIPE;
    ssize_t size = 0;
    do size = read(pipe.ends[0], &word, sizeof word);
    while (size < 0 && errno == EINTR);
    return size == sizeof word ? word : EPIPE;
}

// The program stands meanwhile, so a pipe that is full gets nothing.
void say(const std::string& line) {
    pollfd output{STDERR_FILENO, POLLOUT, 0};
    if (poll(&output, 1, 0) != 1 || output.revents != POLLOUT) return;
    static_cast<void>(!write(STDERR_FILENO, line.data(), line.size()));
}

[[noreturn]] void help(pid_t process, const ProgramFile& program, const std::string& guest,
                       const Launch& launch, const Pipe& answer) {
    constexpr long options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD;
    const bool seized = ptrace(PTRACE_SEIZE, process, nullptr, options) == 0;
    const bool told = tell(answer, seized ? 0 : errno);
    answer.close();
    if (!seized || !told) _exit(1);
    Tracee tracee{process};
    const Become become = tracee.wait_until_become();
    if (become == Become::ended) _exit(0);
    std::string why = "it cannot be traced as far as its first instruction";
    if (become == Become::stands) why = bring(tracee, program, guest, launch);
    if (!why.empty()) {
        say(LASTCALL_GO_AS_IF_WITHOUT + why + '\n');
        tracee.make_ready();
    }
    // The program goes on by this alone, and has had no time to find a child that has ended.
    _exit(0);
}

void ignore_children() {
    struct sigaction ignored {};
    ignored.sa_handler = SIG_IGN;
    sigaction(SIGCHLD, &ignored, nullptr);
}

pid_t waiting = 0;  // the helper, once it traces us
struct sigaction children_before {};

}  // namespace

bool dismiss_helper() {
    if (waiting == 0) return false;
    kill(waiting, SIGKILL);
    waitpid(waiting, nullptr, 0);
    waiting = 0;
    sigaction(SIGCHLD, &children_before, nullptr);
    prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    return true;
}

std::string summon_helper(const ProgramFile& program, const std::string& guest) {
    Pipe go;
    Pipe answer;
    if (!go.open() || !answer.open()) return std::strerror(errno);
    const pid_t process = getpid();
    Launch launch;
    sigaction(SIGCHLD, nullptr, &children_before);
    launch.restores_sigchld = children_before.sa_handler != SIG_IGN ? 1 : 0;
    // What ends the helper halfway would end the program in the middle of a call that is not its
    // own.
    sigset_t all;
    sigset_t mask;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    const pid_t helper = fork();
    if (helper != 0) sigprocmask(SIG_SETMASK, &mask, nullptr);
    if (helper < 0) return std::string{"no process can be made: "} + std::strerror(errno);
    if (helper == 0) {
        ::close(go.ends[1]);  // or its end would never be heard
        if (hear(go) != 0) _exit(1);
        launch.helper = getpid();
        help(process, program, guest, launch, answer);
    }
    // Where only ancestors may trace (Yama), a descendant has to be named.
    prctl(PR_SET_PTRACER, helper, 0, 0, 0);
    static_cast<void>(tell(go, 0));
    close(answer.ends[1]);
    answer.ends[1] = -1;
    const int error = hear(answer);
    go.close();
    answer.close();
    if (error == 0) {
        ignore_children();
        waiting = helper;
        return {};
    }
    prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    waitpid(helper, nullptr, 0);
    return std::string{"it may not be traced: "} + std::strerror(error);
}

}  // namespace lastcall::go
