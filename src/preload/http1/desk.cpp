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

std::size_t Desk::plan(const Responses& now, const Exchanges& exchanges, Buffers bytes,
                       std::size_t from_here, std::size_t look) {
    base = now;
    trial = now;
    trial_edit = edit;
    trial_reason = Opaque::no;
    part_count = text_size = 0;
    offered = bytes;
    start = from_here;
    stepped = content = dropped = reasoned = 0;
    step(exchanges, look);
    head = size();
    if (trial.said_close()) add_content(exchanges);
    return planned();
}

void Desk::step(const Exchanges& exchanges, std::size_t look) {
    std::size_t already = ahead;
    std::size_t at = start;
    stepped = offered.walk(start, Buffers::all, [&](Bytes part) {
        std::size_t used = 0;
        while (used < part.size() && has_room() && !trial.said_close()) {
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
            if (step.reason == Opaque::no) continue;
            trial_reason = step.reason;
            reasoned = at - start;
        }
        return used;
    });
}

void Desk::add_content(const Exchanges& exchanges) {
    const std::size_t all = offered.size() - start - stepped;
    const std::size_t most = trial.content(all, exchanges);
    content = offered.walk(start + stepped, most, [&](Bytes part) {
        if (part_count == parts.size()) return std::size_t{0};
        add(part);
        return part.size();
    });
    if (content == most) dropped = all - most;
}

Desk::Accepted Desk::commit(Responses& now, const Exchanges& exchanges, std::size_t sent) {
    if (planned() == 0) return {};
    return sent >= head ? commit_all(now, exchanges, sent - head)
                        : commit_some(now, exchanges, sent);
}

// All that the trial has been through has gone, and some of the content.
Desk::Accepted Desk::commit_all(Responses& now, const Exchanges& exchanges,
                                std::size_t sent_content) {
    now = trial;
    edit = trial_edit;
    ahead = 0;
    offered.walk(start + stepped, sent_content, [&](Bytes part) {
        if (!now.pass_body(part.size())) now.follow_content(part, exchanges);
        return part.size();
    });
    const std::size_t rest = sent_content == content ? dropped : 0;
    const std::size_t size = stepped + sent_content + rest;
    return {size, trial_reason, size - reasoned};
}

Desk::Accepted Desk::commit_some(Responses& now, const Exchanges& exchanges, std::size_t sent) {
    std::size_t budget = sent + ahead;
    ahead = 0;
    Opaque reason = Opaque::no;
    std::size_t at = 0;
    std::size_t given = 0;  // where the reason was
    const std::size_t size = offered.walk(start, stepped, [&](Bytes part) {
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
            at += step.taken;
            if (step.reason == Opaque::no) continue;
            reason = step.reason;
            given = at;
        }
        return used;
    });
    return {size, reason, size - given};
}

}  // namespace lastcall
