// Plan, then act: the plan runs the conversation on a copy. If the kernel took the whole batch, the
// commit takes the copy over; else it repeats the plan on the original, as far as the kernel went.
// Knows no descriptor.

#include "desk.hpp"

#include <algorithm>
#include <cstring>

namespace lastcall {

using Output = std::array<char, CloseOption::longest_output>;

bool Desk::has_room() const {
    return part_count + 1 < parts.size() && text_size + CloseOption::longest_output <= text.size();
}

void Desk::add(Bytes bytes) {
    if (bytes.empty()) return;
    if (part_count > 0) {
        iovec& last = parts[part_count - 1];
        if (static_cast<const char*>(last.iov_base) + last.iov_len == bytes.data()) {
            last.iov_len += bytes.size();
            return;
        }
    }
    parts[part_count++] = {const_cast<char*>(bytes.data()), bytes.size()};
}

void Desk::add_text(Bytes bytes) {
    char* const place = text.data() + text_size;
    std::copy(bytes.begin(), bytes.end(), place);
    text_size += bytes.size();
    add({place, bytes.size()});
}

std::size_t Desk::plan(const Responses& now, const Exchanges& exchanges, Buffers offered,
                       std::size_t start, std::size_t look) {
    base = now;
    trial = now;
    trial_edit = edit;
    trial_reason = Opaque::no;
    part_count = 0;
    text_size = 0;
    std::size_t already = ahead;
    std::size_t at = start;
    return offered.walk(start, Buffers::all, [&](Bytes part) {
        std::size_t used = 0;
        while (used < part.size() && has_room()) {
            Output own;
            const std::uint64_t unseen = trial.countable();
            const std::uint64_t next = unseen != 0 ? unseen : look - std::min(look, at);
            if (next == 0) break;
            const Bytes rest = first(from(part, used), next);
            const Responses::Step step = trial.step(rest, exchanges, trial_edit, own);
            const Bytes bytes =
                step.verbatim ? first(rest, step.sent) : Bytes{own.data(), step.sent};
            const std::size_t skipped = std::min(already, bytes.size());
            already -= skipped;
            if (step.verbatim)
                add(from(bytes, skipped));
            else
                add_text(from(bytes, skipped));
            used += step.taken;
            at += step.taken;
            if (step.reason != Opaque::no) trial_reason = step.reason;
        }
        return used;
    });
}

Desk::Accepted Desk::commit(Responses& now, const Exchanges& exchanges, Buffers offered,
                            std::size_t start, std::size_t planned, std::size_t sent) {
    if (planned == 0) return {};
    if (sent == size()) {
        now = trial;
        edit = trial_edit;
        ahead = 0;
        return {planned, trial_reason};
    }
    std::size_t budget = sent + ahead;
    ahead = 0;
    Opaque reason = Opaque::no;
    const std::size_t size = offered.walk(start, planned, [&](Bytes part) {
        std::size_t used = 0;
        while (used < part.size()) {
            const Responses before = now;
            const CloseOption edit_before = edit;
            const Bytes rest = from(part, used);
            Output own;
            Responses::Step step = now.step(rest, exchanges, edit, own);
            if (step.sent > budget) {
                now = before;
                edit = edit_before;
                if (!step.verbatim) ahead = budget;
                adding =
                    !step.verbatim && edit.may_add() && step.sent > CloseOption::most_but_the_field;
                if (!step.verbatim || budget == 0) break;
                step = now.step(first(rest, budget), exchanges, edit, own);
            }
            budget -= step.sent;
            used += step.taken;
            if (step.reason != Opaque::no) reason = step.reason;
        }
        return used;
    });
    return {size, reason};
}

}  // namespace lastcall
