// The table itself.

#include "options.hpp"
#include "runs.hpp"

#include <array>

namespace lastcall::command {
namespace {

constexpr std::array run_options{
    Option{'n', "requests", "N", "LASTCALL_REQUESTS", "exchanges per connection (default 1000)"},
    Option{0, "age", "D", "LASTCALL_AGE", "age from which the next request is the last"},
    Option{0, "jitter", "P", "LASTCALL_JITTER", "how far below the limits a connection's may lie"},
    Option{0, "rate", "R", "LASTCALL_RATE", "last exchanges a second, for each process"},
    Option{0, "ports", "L", "LASTCALL_PORTS", "local ports to act on (default all)"},
    Option{0, "status", "DIR", "LASTCALL_STATUS", "folder of the status page"},
    Option{0, "status-mode", "M", "LASTCALL_STATUS_MODE", "who may use it (default 0600)"},
    Option{0, "observe", nullptr, nullptr, "count what would be closed, touch nothing"},
};

constexpr const char* run_notes =
    "The program runs with the library preloaded, in front of what LD_PRELOAD names already. The\n"
    "library is looked for beside this command, then in ../lib/lastcall from there. Flags "
    "override\n"
    "the LASTCALL_... variables of the environment; those that stay are checked like flags.\n"
    "\n"
    "The status page goes to /dev/shm if that can be written to, else to /tmp. Pages that this "
    "user's\n"
    "servers have left there and nobody maps any more are removed first.\n"
    "\n"
    "A static Go program is patched in memory at its start; LASTCALL_GO=off leaves it alone. A\n"
    "script in front of it has to say `exec lastcall run -- PROGRAM` itself.\n"
    "\n"
    "Exit status: 2 if something is refused, 127 if the program is not found, 126 if it cannot be\n"
    "executed, else the program's own.\n";

constexpr const char* check_notes =
    "Of a program: whether the library can work in it. Scripts are followed to their interpreter. "
    "A\n"
    "caution does not mean that it will not work. Of a process: whether the library is loaded, "
    "active\n"
    "and with how many connections; :PORT is who listens there. A program whose name is a number "
    "is\n"
    "given as ./NAME.\n"
    "\n"
    "Go programs are patched in memory: static ones by `lastcall run` alone, dynamic ones by a\n"
    "preload too. Of a Go process, whether it is patched.\n"
    "\n"
    "HTTP/1.1 and HTTP/2 are followed in clear text. Over TLS that the server ends, neither is.\n"
    "\n"
    "With --setup, line by line: the library, each server of process PID (default 1) and its\n"
    "descendants, its settings, page and traffic, and whether `lastcall drain PID` would do its "
    "work\n"
    "when all is stopped. G is terminationGracePeriodSeconds or TimeoutStopSec, E that of the "
    "hook:\n"
    "\n"
    "  kubectl exec POD -- /lastcall/lastcall check --setup --grace 55s --within 25s\n"
    "  lastcall check --setup $(systemctl show --value -p MainPID nginx) --grace 90s --within 25s\n"
    "\n"
    "Exit status: 0 works, perhaps with a caution; 1 will not; 2 bad usage, or nothing to judge.\n";

constexpr std::array check_options{
    Option{0, "setup", nullptr, nullptr,
           "all around the servers below PID, for a pod or a service"},
    Option{0, "grace", "G", nullptr, "with --setup: how long a stop may take before the kill"},
    Option{0, "within", "E", nullptr, "with --setup: what the stop's drain waits at most"},
    Option{0, "json", nullptr, nullptr, "with --setup: print one JSON object"},
};

constexpr std::array status_options{
    Option{0, "watch", nullptr, nullptr, "repaint every second until interrupted"},
    Option{0, "count", "N", nullptr, "with --watch: stop after N times"},
    Option{0, "json", nullptr, nullptr, "print one JSON object"},
    Option{0, "prometheus", nullptr, nullptr, "print the Prometheus text format"},
    Option{0, "listen", "[ADDRESS:]PORT", nullptr, "with --prometheus: serve it as /metrics"},
};

constexpr const char* status_notes =
    "Without an operand, all servers whose pages can be seen. With the PID of a server, of a "
    "worker\n"
    "or of what started them, the pages of it and its descendants. A NAME is what the processes "
    "are\n"
    "called, :PORT what they listen on in this network namespace. With an absolute DIR, the pages "
    "that\n"
    "lie there, also stale ones, which nobody maps any more, and those of servers that cannot be "
    "seen\n"
    "from here, as from another container of a pod.\n"
    "\n"
    "Of HTTP/2, where there is any: clients told to go by GOAWAY; of them, those that closed,\n"
    "those ended when no stream had been open for 1 s, and those that sent on all the same.\n"
    "\n"
    "With --listen, every GET of /metrics looks afresh; 500 says that no page could be read. No "
    "name,\n"
    "but a number is the ADDRESS; without one it listens on all, of IPv4 and IPv6. SIGTERM or "
    "SIGINT\n"
    "ends it.\n"
    "\n"
    "Exit status: 0, or 1 if a page could not be read, the process has none, or the port is not to "
    "be\n"
    "had.\n";

constexpr const char* set_notes =
    "  requests=N   a whole number from 1 to 2147483647, or off\n"
    "  age=D        a whole number from 1 with ms, s, m or h, at most 596h, as in 90s, or off\n"
    "  jitter=P     a whole number from 0 to 100 with %, as in 10%\n"
    "  rate=R       a whole number from 1 to 1000000 with /s, as in 50/s, or off\n"
    "  observe=O    on: from now on only count what would be closed; off: close it\n"
    "\n"
    "Obeyed with the next requests, by the server, its workers and its descendants, until it ends, "
    "on\n"
    "connections that are open, too. A connection keeps the fraction of the limits that it drew. "
    "What\n"
    "is read back is printed. A server that was started with LASTCALL=off follows nothing and has "
    "no\n"
    "page: it cannot be switched on; nor can ports be changed.\n"
    "\n"
    "A NAME that the server's processes are called, or :PORT that they listen on, is as good as a "
    "PID,\n"
    "if it means one server; if several, they are listed and nothing is changed.\n"
    "\n"
    "Exit status: 0 if all was read back as written, 1 if not, or if several servers are meant; 2 "
    "bad\n"
    "usage.\n";

constexpr Option all_option{0, "all", nullptr, nullptr,
                            "all that NAME or :PORT means; also in containers below PID's own"};

constexpr std::array set_options{all_option};

constexpr std::array drain_options{
    Option{0, "over", "D", nullptr, "from none to all of the requests in D (default: all at once)"},
    Option{0, "wait", nullptr, nullptr, "return when no connection is open, or when D is over"},
    Option{0, "within", "E", nullptr, "with --wait: at the end of E, not of D; no shorter than D"},
    Option{0, "cancel", nullptr, nullptr, "end the drain"},
    all_option,
};

constexpr const char* drain_notes =
    "A rising share of the requests is picked as the last of their connection; never is an idle\n"
    "connection cut. New connections are drained as well, until the drain is cancelled. In a\n"
    "Kubernetes preStop hook: lastcall drain 1 --over 10s --wait --within 25s\n"
    "\n"
    "Between D and E every request is the last of its connection: whoever asks at least once in\n"
    "E - D was told to close, as far as a rate allows.\n"
    "\n"
    "A client of HTTP/2 is told when it opens a stream, and served on all of them. Most clients\n"
    "then close; the others' connections are ended by the server's calls from 1 s later on.\n"
    "\n"
    "A server that observes closes nothing: --wait does not wait for it.\n"
    "\n"
    "A NAME that the server's processes are called, or :PORT that they listen on, is as good as a "
    "PID,\n"
    "if it means one server; if several, they are listed and none is drained.\n"
    "\n"
    "Exit status: 0; 3 if --wait ended with connections still open; 1 if it cannot be done, if\n"
    "several servers are meant, or if --wait could not see whether connections are open; 2 bad "
    "usage.\n";

constexpr std::array plan_options{
    Option{0, "rps", "R", nullptr, "requests a second, of all clients together"},
    Option{0, "clients", "C", nullptr, "client processes, or pools (default 1)"},
    Option{0, "connections", "K", nullptr, "persistent connections, of all clients together"},
    Option{0, "streams", "S", nullptr, "HTTP/2 (gRPC): streams open at once on each connection"},
    Option{0, "settle", "D", nullptr, "time in which the load is to settle (default 60s)"},
    Option{0, "jitter", "P", nullptr, "jitter to plan with (default 10%)"},
};

constexpr const char* plan_notes =
    "  r = R/K              requests a second on each connection\n"
    "  N = max(1, ⌊r·D⌋)    so that N requests take L = N/r, at most D\n"
    "  m = L·(1 − J/2)      what a connection lasts on average\n"
    "  K/m                  reconnects a second; K/(m·C) of each client; K/(m·R) of the requests\n"
    "\n"
    "Assumed: requests come evenly, the balancer gives each new connection to any of the "
    "instances\n"
    "alike, and connections are at random points of their lives when a new instance appears. A "
    "life\n"
    "is not memoryless: N is a count, not a coin. With jitter J, lives are uniform on [(1−J)L, L], "
    "so\n"
    "the rest of a life, seen from a random moment, is at most t with probability\n"
    "\n"
    "  F(t) = 1/m · ∫₀ᵗ P(life > x) dx = t/m                     for t ≤ (1−J)·L\n"
    "                                  = 1 − (L−t)²/(2·J·L·m)    up to L, and 1 from there on\n"
    "\n"
    "F(t) is the share of connections opened anew by t, hence the part of its fair share that the "
    "new\n"
    "instance has. Without jitter it is t/L: all is settled after L, exactly. (Were each request "
    "the\n"
    "last with probability 1/N, it would be 1 − exp(−t/L): 63% after L, and never all.) Jitter is\n"
    "downward and costs at most 1/(1−J/2) in reconnects; it keeps connections that were opened\n"
    "together, as after a deployment, from being opened together ever after.\n"
    "\n"
    "Count or age: N is right for the rate it was planned for; at twice the rate it costs twice "
    "the\n"
    "reconnects and settles in half the time. With --age D a connection lasts D and the wait for "
    "its\n"
    "next request (1/r), whatever the rate; prefer it where the rate varies. Both may be set, and\n"
    "a count is, of 1000, where it is not switched off.\n"
    "\n"
    "HTTP/2, as gRPC speaks it: a client has one connection for all its calls, and these are the\n"
    "requests. Prefer --age: by count, a busy client goes from instance to instance, and loads\n"
    "each for a time too short to be seen. N is the stream at which a client is told to go; those\n"
    "in flight then, S - 1 at most, come on top: let N be 10·S or more, as the default of 1000 is\n"
    "for up to 100 streams. A stream that stays open stays where it is, and is never broken.\n";

constexpr const char* install_notes =
    "Copies this command and its libraries into DIR, which has to be there: lastcall, mode 0755,\n"
    "liblastcall.so and liblastcall-go.so, mode 0644. Files that are there are replaced; each\n"
    "appears whole or not at all, so servers that use them go on. For the init container of a "
    "pod:\n"
    "\n"
    "  lastcall install /lastcall\n"
    "\n"
    "Exit status: 0, 1 if it cannot be done, 2 bad usage.\n";

constexpr std::array table{
    Subcommand{"run", "[--] PROGRAM [ARGUMENT]...", "Runs a server under lastcall.", run_options,
               run_notes, run_run},
    Subcommand{"check", "PROGRAM|PID|:PORT|--setup [PID|NAME|:PORT]",
               "Tells whether lastcall works in a program or a process, and why not.",
               check_options, check_notes, run_check},
    Subcommand{"status", "[PID|NAME|:PORT|DIR]", "Shows what servers under lastcall do.",
               status_options, status_notes, run_status},
    Subcommand{"set", "PID|NAME|:PORT KEY=VALUE...", "Changes the limits of a running server.",
               set_options, set_notes, run_set},
    Subcommand{"drain", "PID|NAME|:PORT",
               "Has the clients of a running server reconnect elsewhere.", drain_options,
               drain_notes, run_drain},
    Subcommand{"plan", "--rps R --connections K [--clients C] [--streams S] [--settle D]",
               "Computes the limits from a load and a wished time to settle.", plan_options,
               plan_notes, run_plan},
    Subcommand{"install",
               "DIR",
               "Copies the command and its libraries into a folder.",
               {},
               install_notes,
               run_install},
};

}  // namespace

std::span<const Subcommand> subcommands() { return table; }

}  // namespace lastcall::command
