// Laws of the edit, by a model that is simple because it has the whole section at once: only
// Connection and Keep-Alive fields differ, close is there once, keep-alive never, other options are
// kept in order. Given up before it has begun, the edit has changed nothing; given up anywhere, it
// leaves a section that is well-formed with the rest of what the server wrote.

#include "law.hpp"

#include <algorithm>

namespace lastcall {
namespace {

using Strings = std::vector<std::string>;

// With their ends, and with what is folded onto them.
Strings lines(Bytes section) {
    Strings result;
    for (std::size_t end; (end = section.find('\n')) != Bytes::npos;) {
        const std::string line{first(section, end + 1)};
        if (is_ows(line[0]))
            result.back() += line;
        else
            result.push_back(line);
        section = from(section, end + 1);
    }
    law(section.empty());
    return result;
}

bool is_empty(Bytes line) { return line == "\r\n" || line == "\n"; }

Bytes value_of(Bytes line, Bytes name) {
    const Bytes value = from(line, name.size() + 1);
    return first(value, value.find_last_not_of("\r\n") + 1);
}

bool same_word(Bytes a, Bytes b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

// Without white space around, and with one SP for any inside.
std::string normal(Bytes option) {
    std::string result;
    for (const char c : option) {
        if (!is_ows(c))
            result += c;
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
    }
    if (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
}

Strings options(Bytes value) {
    Strings result;
    for (std::size_t comma = 0; comma != Bytes::npos;) {
        comma = value.find(',');
        result.push_back(normal(first(value, comma)));
        if (result.back().empty()) result.pop_back();
        value = from(value, comma + (comma != Bytes::npos ? 1 : 0));
    }
    return result;
}

// A field line with what may legitimately change in it made comparable.
std::string field(Bytes name, const Strings& listed) {
    std::string result{name};
    for (const std::string& option : listed) result += "," + option;
    return result;
}

Strings expected(const Strings& section) {
    Strings result;
    bool said_close = false;
    for (const Bytes line : section) {
        const Bytes name = first(line, line.find(':'));
        if (same_word(name, "keep-alive")) continue;
        if (!same_word(name, "connection")) {
            if (is_empty(line) && !said_close) result.push_back(field("Connection", {"close"}));
            result.emplace_back(line);
            continue;
        }
        Strings kept;
        for (const std::string& option : options(value_of(line, name))) {
            const bool close = same_word(option, "close");
            if (same_word(option, "keep-alive") || (close && said_close)) continue;
            said_close = said_close || close;
            kept.push_back(option);
        }
        if (!kept.empty()) result.push_back(field(name, kept));
    }
    return result;
}

Strings found(const Strings& section) {
    Strings result;
    for (const Bytes line : section) {
        const Bytes name = first(line, line.find(':'));
        const bool listed = same_word(name, "connection");
        result.push_back(listed ? field(name, options(value_of(line, name))) : std::string{line});
    }
    return result;
}

// Is the text a section that is read alike by everyone, and nothing else?
bool well_formed(Bytes text) {
    FieldSection section(Reading::lenient);
    const Progress progress = section.follow(text);
    return progress.outcome == Outcome::complete && progress.taken == text.size();
}

std::string as_fed(CloseOption edit, Bytes in) {
    std::string sent;
    std::array<char, CloseOption::longest_output> out{};
    for (const char c : in) sent += Bytes{out.data(), edit.feed(c, out)};
    return sent;
}

void check(Input input) {
    CloseOption edit;
    std::string sent;
    std::array<char, CloseOption::longest_output> out{};
    std::size_t fed = 0;
    const auto released = [&] {
        CloseOption copy = edit;
        return sent + std::string{out.data(), copy.release(out)};
    };
    const bool whole = well_formed(input.text);
    while (fed < input.text.size() && !edit.done()) {
        const bool given_up = input.dice.roll(30) == 0;
        if (given_up && !edit.begun()) law(released() == first(input.text, fed));
        // Right behind a line that went: what is folded onto it ends up on the one before.
        const bool folded = fed > 0 && input.text[fed - 1] == '\n' && is_ows(input.text[fed]);
        if (given_up && whole && !folded)
            law(well_formed(released() + std::string{from(input.text, fed)}));
        const Bytes rest = from(input.text, fed);
        const std::size_t staying = input.dice.roll(1) == 0 ? edit.staying(rest) : 0;
        if (staying != 0) law(as_fed(edit, first(rest, staying)) == first(rest, staying));
        const Bytes some = first(rest, input.dice.roll(staying));
        edit.pass(some);
        sent += some;
        fed += some.size();
        if (!some.empty()) continue;
        sent += Bytes{out.data(), edit.feed(input.text[fed], out)};
        ++fed;
    }
    if (!edit.begun()) law((edit.done() ? sent : released()) == first(input.text, fed));
    const Bytes section = first(input.text, fed);
    if (edit.done() && well_formed(section)) {
        law(well_formed(sent));
        law(found(lines(sent)) == expected(lines(section)));
    }
    if (!edit.done()) law(!well_formed(section));
}

}  // namespace
}  // namespace lastcall

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    lastcall::check(lastcall::Input({reinterpret_cast<const char*>(data), size}));
    return 0;
}
