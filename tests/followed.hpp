// Feeds followers a text in parts and writes down what they said, in a form that must not depend
// on how the text was cut.
#pragma once

#include <lastcall/http1/message.hpp>

#include "wire.hpp"

namespace lastcall {

// The outcome over all parts; `taken` counts from the text's first byte.
template <typename Follow>
Progress followed(const Parts& parts, Follow follow) {
    Progress sum;
    for (const Bytes part : parts) {
        const Progress progress = follow(part);
        sum = {sum.taken + progress.taken, progress.outcome, progress.reason};
        if (sum.outcome != Outcome::incomplete) return sum;
        CHECK(progress.taken == part.size());
    }
    return sum;
}

// What was said of a text: the events but for `incomplete`, each with the place where it came.
struct Said {
    std::string events;
    std::vector<std::size_t> places;
    Opaque reason = Opaque::no;
};

constexpr const char* word(Event event) {
    switch (event) {
        case Event::incomplete: return "";
        case Event::status_line: return "status-line";
        case Event::interim: return "interim";
        case Event::head: return "head";
        case Event::message: return "message";
        case Event::malformed: return "malformed";
    }
    return "";
}

// follow: feeds a follower, returns Followed. Stops at a malformed byte, as a connection does.
template <typename Follow>
Said said(const Parts& parts, Follow follow) {
    Said result;
    std::size_t place = 0;
    for (Bytes part : parts) {
        Event event = Event::head;
        while (event != Event::incomplete) {
            const Followed followed = follow(part);
            event = followed.event;
            part = from(part, followed.taken);
            place += followed.taken;
            if (event == Event::incomplete) break;
            result.events += result.events.empty() ? "" : " ";
            result.events += word(event);
            result.places.push_back(place);
            result.reason = followed.reason;
            if (event == Event::malformed) return result;
        }
        CHECK(part.empty());
    }
    return result;
}

}  // namespace lastcall
