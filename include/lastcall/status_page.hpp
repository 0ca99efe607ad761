// The status page: one file, mapped by a server and all its forked workers, through which a command
// reads counters and limits and changes limits while the server runs. This is a contract between
// programs that may be of different versions: whoever reads checks magic, version and size first.
// All members are in the machine's byte order; all shared ones are atomics, relaxed unless said.
//
// File: <directory>/lastcall-<pid>-<start>, mode 0600 or as the settings say, page_size bytes,
// where start is the server's start time in clock ticks since boot (field 22 of /proc/PID/stat):
// pids come again, and every container has a pid 1. It is sparse: it takes 4096 bytes and as many
// for every eighth process. It is locked (flock(2), shared) through the descriptor that was mapped,
// from before it is ready until its last mapping ends: whoever gets the lock for himself has a
// stale page.
#pragma once

#include <lastcall/progress.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lastcall::status {

inline constexpr std::array<char, 8> magic{'l', 'a', 's', 't', 'c', 'a', 'l', 'l'};
inline constexpr std::uint32_t version = 5;
inline constexpr std::uint32_t first_locked = 4;  // version
inline constexpr const char* file_prefix = "lastcall-";

using Count = std::atomic<std::uint64_t>;
using Word = std::atomic<std::uint32_t>;

// Connections that are over are counted by how many exchanges they had: in the first place whose
// bound is not below that, or behind them all.
inline constexpr std::array<std::uint32_t, 10> length_bounds{0,   1,   3,    10,   30,
                                                             100, 300, 1000, 3000, 10000};

// What has happened since the server started. Only ever added to.
struct Counters {
    Count connections;    // born or adopted, and read from: not those only handed on
    Count exchanges;      // requests followed; added up to 64 at a time while a connection lasts
    Count last_requests;  // last exchanges, by trigger
    Count last_age;
    Count last_drain;
    Count rate_deferred;    // times the rate budget did not grant one
    Count bytes_discarded;  // behind a last request
    Count sent_on;          // connections on which bytes were discarded: their clients sent on
    Count unproven;         // edits made although the kernel keeps no counts to prove them by
    std::array<Count, 24> opaque;  // by lastcall::Opaque; [0] and [2], http2, are not used
    // HTTP/2, whose last exchanges are among the above: those at which a client is to be told.
    Count http2_connections;
    Count http2_told_requests;  // clients that have been told, by trigger
    Count http2_told_age;
    Count http2_told_drain;
    Count http2_finished;  // then ended by us, when nothing had been open for a while
    Count http2_left;      // then closed by the client
    Count http2_sent_on;   // a client opened streams long after it had been told
    std::array<Count, length_bounds.size() + 1> ended;  // connections that are over, by length
    Count ended_exchanges;                              // of these connections
};

// Is a lock that nobody holds proof that nobody maps the file? By statfs(2)'s type: tmpfs, ramfs,
// ext4, xfs, btrfs. Not on overlayfs, where another file is mapped than was locked, nor over a
// network.
constexpr bool locks_are_proof(std::uint64_t type) {
    return type == 0x01021994 || type == 0x858458f6 || type == 0xef53 || type == 0x58465342 ||
           type == 0x9123683e;
}

// A place for one process of the server, taken when that first has something to count; a process
// that finds none free counts in the first one, which never has a pid. When its process is gone a
// place may pass to another, which counts on: the counters are the place's, open is the process's.
struct alignas(512) Worker {
    std::atomic<std::int32_t> pid;   // in its own pid namespace; 0: free
    Count taken;                     // when, in milliseconds of CLOCK_BOOTTIME; 0: not known. A
                                     // process that started later is another with the same pid.
    std::atomic<std::int64_t> open;  // connections it follows now
    Counters counters;
    Count probe;  // written to, and never read, to see whether there is memory behind the place
};

// Moments are milliseconds of CLOCK_MONOTONIC_COARSE.
struct Control {
    Word requests;      // the limits in force, as in lastcall::Policy
    Word age;           // milliseconds
    Word jitter;        // percent
    Word rate;          // per second
    Count drain_start;  // 0: no drain
    Word drain_ramp;    // milliseconds
    Word observe;       // 1: counts what would be closed, touches nothing
};

struct Page {
    std::array<char, 8> magic;
    std::uint32_t version;
    std::uint32_t size;  // of this structure, bytes
    std::int32_t pid;    // of the process that made the page, in its own pid namespace
    std::uint32_t worker_count;
    std::uint64_t start;  // its start time
    Word ready;           // 1, released, when the rest of the page is filled in
    alignas(64) Control control;
    std::array<Worker, 256> workers;
};

// There is memory behind the control words and as many places as fit beside them from the start.
inline constexpr std::size_t step = 4096;
constexpr bool begins_a_step(std::size_t place) {
    return (offsetof(Page, workers) + place * sizeof(Worker)) % step == 0;
}

inline constexpr std::size_t page_size = (sizeof(Page) + 4095) / 4096 * 4096;

static_assert(Count::is_always_lock_free && Word::is_always_lock_free);
static_assert(sizeof(Counters) == 52 * 8);
static_assert(sizeof(Worker) == 512 && offsetof(Page, workers) == 512);

}  // namespace lastcall::status
