// A connection as the guest knows it: the conversation, the two ledgers (bytes taken by reads,
// bytes sent by the kernel), its identity in the kernel, and who is at work on it. The fields of a
// direction are touched only by whoever has claimed it; what is asked without a claim is atomic, as
// the thread that asks may be late, and the memory another's. Facts are stated of a life.
#pragma once

#include <lastcall/http1/requests.hpp>
#include <lastcall/http1/responses.hpp>

#include "direction.hpp"
#include "life.hpp"
#include "offer.hpp"

#include <atomic>

namespace lastcall {

struct Desk;

struct Connection {
    // What the reader's thread touches lies on lines of its own, and so does what the writer's
    // does; behind each comes what is rarely touched.
    alignas(64) Direction in;
    std::atomic<std::uint32_t> birth = 0;  // which of the process it was, from 1
    std::atomic<std::uint64_t> taken = 0;  // bytes that reads took out of the socket
    Requests requests;

    std::atomic<std::uint64_t> identity = 0;  // of the socket, at birth
    std::atomic<std::uint32_t> counted = 0;   // exchanges that are on the status page already
    std::uint32_t index = 0;                  // in the pool

    alignas(64) Direction out;
    std::uint32_t talk = 0;  // its conversation in HTTP/2, in the pool, from 1; 0: none
    std::atomic<std::uint64_t> sent = 0;  // bytes the kernel took
    Responses responses;
    Offer offer;
    std::atomic<Desk*> desk = nullptr;  // while the last head is on its way

    Exchanges exchanges;
    Life life;
    References references;                     // descriptors that mean this connection
    std::atomic<std::uint32_t> next_free = 0;  // in the pool's list
    std::atomic<std::int32_t> process = 0;     // the process that last used it
    // When the end of the input was first hidden, in milliseconds of the clock, cut; 0: not.
    std::uint32_t hidden = 0;
    std::atomic<std::uint16_t> place = 0;  // of the process on the page that has it open; 0: none
    std::atomic<bool> asked = false;       // the server has called a read
    bool granted = false;                  // bytes behind the last request were proven to be that

    [[nodiscard]] bool followed() const { return life.facts().followed(); }
    [[nodiscard]] bool is(Fact fact) const { return life.facts().is(fact); }

    // ---- with a direction claimed: of the life that is ----

    bool state(Fact fact) { return life.state(life.generation(), fact); }
    // The one-way door; the first reason stays, but for HTTP/2.
    [[gnu::cold]] void turn_opaque(Opaque reason);
};

}  // namespace lastcall
