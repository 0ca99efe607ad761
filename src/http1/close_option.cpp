// The streaming edit of one header section.

#include <lastcall/http1/close_option.hpp>

namespace lastcall {
namespace {

enum Name { connection, keep_alive_field };

constexpr std::array<Bytes, 2> options{"keep-alive", "close"};
enum Option { keep_alive, close };

constexpr Bytes added = "Connection: close\r\n";

}  // namespace

class CloseOption::Sink {
public:
    explicit Sink(Output out) : out_(out) {}
    void put(char c) { out_[size_++] = c; }
    void put(Bytes bytes) {
        for (const char c : bytes) put(c);
    }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    Output out_;
    std::size_t size_ = 0;
};

std::size_t CloseOption::feed(char c, Output out) {
    Sink sink(out);
    step(c, sink);
    return sink.size();
}

void CloseOption::step(char c, Sink& out) {
    switch (at_) {
        case At::line_start: step_line_start(c, out); break;
        case At::empty_line: step_empty_line(c, out); break;
        case At::name: step_name(c, out); break;
        case At::gap: step_gap(c, out); break;
        case At::option:
        case At::behind_option: step_option(c, out); break;
        case At::passing_option: step_passing_option(c, out); break;
        case At::line_feed: step_line_feed(c, out); break;
        case At::dropping:
        case At::dropped_cr: step_dropping(c); break;
        case At::passing:
            if (c == '\n') at_ = At::line_start;
            out.put(c);
            break;
        case At::done: out.put(c); break;
    }
}

void CloseOption::step_line_start(char c, Sink& out) {
    if (is_ows(c)) {  // obs-fold: belongs to the line before (RFC 9112 5.2)
        at_ = dropped_ ? At::dropping : At::passing;
        if (!dropped_) out.put(c);
        return;
    }
    dropped_ = false;
    name_length_ = 0;
    word_ = {};
    if (c == '\r') {
        at_ = At::empty_line;
    } else if (c == '\n') {
        step_empty_line(c, out);
    } else {
        at_ = At::name;
        step_name(c, out);
    }
}

void CloseOption::step_empty_line(char c, Sink& out) {
    const bool bare = at_ == At::line_start;  // an LF without its CR
    if (c == '\n') {
        if (!said_close_) out.put(added);
        begun_ = begun_ || !said_close_;
        at_ = At::done;
    } else {
        at_ = At::passing;
    }
    if (!bare) out.put('\r');
    out.put(c);
}

void CloseOption::step_name(char c, Sink& out) {
    const int found = c == ':' ? word_.found(names) : -1;
    if (found == Name::keep_alive_field) {
        at_ = At::dropping;
        begun_ = true;
        dropped_ = true;
        return;
    }
    if (found == Name::connection) {
        name_kept_ = false;
        comma_ = false;
        begin_gap();
        return;
    }
    word_.feed(names, lower(c));
    if (word_.possible()) {
        name_[name_length_++] = c;
        return;
    }
    at_ = c == '\n' ? At::line_start : At::passing;
    out.put({name_.data(), name_length_});
    out.put(c);
}

void CloseOption::step_dropping(char c) {
    if (c == '\n')
        at_ = At::line_start;
    else
        at_ = c == '\r' ? At::dropped_cr : At::dropping;
}

void CloseOption::begin_gap() {
    at_ = At::gap;
    spaced_ = false;
    option_length_ = 0;
    word_ = {};
}

// One SP is held back and comes out again; other white space and empty elements are lost.
void CloseOption::step_gap(char c, Sink& out) {
    if (c == '\r' || c == '\n') {
        begun_ = begun_ || comma_;
        step_line_feed(c, out);
    } else if (is_ows(c)) {
        begun_ = begun_ || spaced_ || c != ' ';
        spaced_ = true;
    } else if (c == ',') {
        begun_ = true;
    } else {
        at_ = At::option;
        step_option(c, out);
    }
}

void CloseOption::step_option(char c, Sink& out) {
    if (is_ows(c)) {
        at_ = At::behind_option;
        begun_ = true;
        return;
    }
    if (c == ',' || c == '\r' || c == '\n') {
        // With the only option of its field waits for the LF: given up before, the field is whole.
        const bool may_empty_field = c == '\r' && !name_kept_;
        if (!may_empty_field) end_option(out);
        comma_ = c == ',';
        if (!comma_) step_line_feed(c, out);
        return;
    }
    if (at_ == At::option) word_.feed(options, lower(c));
    if (at_ == At::option && word_.possible()) {
        option_[option_length_++] = c;
        return;
    }
    const bool apart = at_ == At::behind_option;
    keep_option(out);
    if (apart) out.put(' ');
    out.put(c);
    at_ = At::passing_option;
}

// The option in hand is whole.
void CloseOption::end_option(Sink& out) {
    const int found = word_.found(options);
    const bool goes = found == Option::keep_alive || (found == Option::close && said_close_);
    said_close_ = said_close_ || found == Option::close;
    begun_ = begun_ || goes;
    if (!goes) keep_option(out);
    begin_gap();
}

void CloseOption::keep_option(Sink& out) {
    keep_gap(out);
    out.put({option_.data(), option_length_});
    option_length_ = 0;
}

// What stands before an option that stays: the field's name, or the comma behind the one before.
void CloseOption::keep_gap(Sink& out) {
    if (!name_kept_) out.put({name_.data(), name_length_});
    if (!name_kept_) out.put(':');
    if (name_kept_ && comma_) out.put(',');
    if (spaced_) out.put(' ');
    name_kept_ = true;
    comma_ = false;
}

void CloseOption::step_passing_option(char c, Sink& out) {
    if (c == ',') {
        comma_ = true;
        begin_gap();
    } else if (c == '\r' || c == '\n') {
        step_line_feed(c, out);
    } else {
        out.put(c);
    }
}

void CloseOption::step_line_feed(char c, Sink& out) {
    if (c == '\r' && at_ != At::line_feed) {
        at_ = At::line_feed;
        return;
    }
    const bool bare = at_ != At::line_feed;  // an LF without its CR
    if (c == '\n') {
        if (option_length_ > 0) end_option(out);
        at_ = At::line_start;
        dropped_ = !name_kept_;
        begun_ = begun_ || dropped_;
        if (dropped_) return;
    } else {
        if (!name_kept_) keep_option(out);
        at_ = At::passing;
    }
    if (!bare) out.put('\r');
    out.put(c);
}

std::size_t CloseOption::finish_field(std::size_t sent, Output out) {
    Sink sink(out);
    sink.put(from(added, sent));
    if (at_ == At::empty_line && sent <= added.size()) sink.put('\r');
    at_ = At::done;
    return sink.size();
}

std::size_t CloseOption::release(Output out) {
    Sink sink(out);
    if (at_ == At::empty_line) sink.put('\r');
    if (at_ == At::name) sink.put({name_.data(), name_length_});
    const bool in_field = at_ == At::gap || at_ == At::option || at_ == At::behind_option;
    if (in_field) keep_option(sink);
    if (at_ == At::behind_option) sink.put(' ');
    if (at_ == At::line_feed && !name_kept_) keep_option(sink);
    // What comes of a line that went must still stand in a field.
    const bool dropping = at_ == At::dropping || at_ == At::dropped_cr;
    if (dropping) sink.put({name_.data(), name_length_});
    if (dropping) sink.put(':');
    if (at_ == At::line_feed || at_ == At::dropped_cr) sink.put('\r');
    at_ = At::done;
    return sink.size();
}

}  // namespace lastcall
