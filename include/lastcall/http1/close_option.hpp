// The edit: makes one response's header section carry the close connection option
// (RFC 9110 7.6.1, RFC 9112 9.6), as its bytes stream by.
// Fed from the first byte behind the status line. Removes keep-alive options and Keep-Alive fields
// where they stand, keeps the first close, adds one before the empty line if there was none, and
// touches no other field. Lenient: where the header section ends is all it needs to understand, so
// that an edit once begun can be finished whatever comes.
#pragma once

#include <lastcall/words.hpp>

#include <array>

namespace lastcall {

class CloseOption {
public:
    static constexpr std::size_t longest_output = 32;  // of one byte fed
    using Output = std::span<char, longest_output>;

    // One byte in; the bytes to send in its place out, and how many they are. Bytes that may yet
    // become part of what is removed, or of the empty line, are held back.
    [[nodiscard]] std::size_t feed(char c, Output out);

    // Lines that stay, and the rest of one: how many of the first bytes would come out as they go
    // in, whatever follows them. Far cheaper than a byte at a time.
    [[nodiscard]] std::size_t staying(Bytes in) const;
    // The first of those bytes have been sent as they are.
    void pass(Bytes sent);

    // Gives up: the bytes held back, as the server wrote them. In the middle of a line that goes,
    // its name, so that the section is still one with the rest of the line.
    [[nodiscard]] std::size_t release(Output out);

    // The first `sent` bytes of the close field have left, and the byte that brings it about will
    // never come: the rest of the field, and the CR held back. No more is edited.
    [[nodiscard]] std::size_t finish_field(std::size_t sent, Output out);
    // May the next byte bring the close field about? Nothing else has so many bytes there.
    [[nodiscard]] bool may_add() const {
        return !said_close_ && (at_ == At::empty_line || at_ == At::line_start);
    }
    static constexpr std::size_t most_but_the_field = 2;

    [[nodiscard]] bool holds_back() const {
        CloseOption copy = *this;
        std::array<char, longest_output> out;
        return copy.release(out) > 0;
    }

    [[nodiscard]] bool begun() const { return begun_; }  // has anything been changed?
    [[nodiscard]] bool done() const { return at_ == At::done; }

private:
    enum class At : std::uint8_t {
        line_start,
        empty_line,      // behind a CR at the start of a line
        name,            // still the beginning of Connection or Keep-Alive
        passing,         // the rest of a line that stays
        dropping,        // the rest of a line that goes
        dropped_cr,      // behind a CR there
        gap,             // before an option of Connection
        option,          // still the beginning of keep-alive or close
        behind_option,   // white space behind such an option
        passing_option,  // an option that stays
        line_feed,       // behind the CR of a Connection field
        done
    };
    class Sink;

    static constexpr std::array<Bytes, 2> names{"connection", "keep-alive"};
    [[nodiscard]] static bool begins_another(Bytes in);

    void step(char c, Sink& out);
    void step_line_start(char c, Sink& out);
    void step_empty_line(char c, Sink& out);
    void step_name(char c, Sink& out);
    void step_dropping(char c);
    void step_gap(char c, Sink& out);
    void step_option(char c, Sink& out);
    void step_passing_option(char c, Sink& out);
    void step_line_feed(char c, Sink& out);
    void end_option(Sink& out);
    void keep_option(Sink& out);
    void keep_gap(Sink& out);
    void begin_gap();

    std::array<char, 10> name_{};  // as the server spelled it
    std::array<char, 10> option_{};
    WordMatch word_;
    std::uint8_t name_length_ = 0;
    std::uint8_t option_length_ = 0;
    At at_ = At::line_start;
    bool begun_ = false;
    bool said_close_ = false;
    bool spaced_ = false;     // white space in the gap
    bool comma_ = false;      // a comma before the gap
    bool name_kept_ = false;  // something of this Connection field stays
    bool dropped_ = false;    // the line before went: what is folded onto it goes too
};

}  // namespace lastcall
