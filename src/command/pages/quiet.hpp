// Looks at the pages of a family, again and again, for how many connections are open. A look reads
// the pages that are known, which is cheap; a search asks /proc for what has come since, of the
// family alone where that will do.
#pragma once

#include "pages.hpp"

namespace lastcall::command {

class Watched {
public:
    Watched(Processes roots, Reach reach, std::vector<FoundPage> pages);

    struct Look {
        std::uint64_t open = 0;       // connections, as far as can be told
        std::uint64_t so_far = 0;     // connections that there ever were
        bool gone = false;            // no process of the family maps a page
        std::string unreadable = {};  // a page that cannot be read: which, and why
    };
    [[nodiscard]] Look look();

    // Finds processes and pages that came since, and forgets those that went. The new pages.
    std::vector<FoundPage> search();

private:
    struct Page {
        FoundPage found;
        Descriptor file = Descriptor{};  // kept: the page's holders may go before it is quiet
    };

    [[nodiscard]] Processes family_now() const;
    [[nodiscard]] std::vector<Page>::iterator known(const FoundPage& page);

    Processes roots_;
    Reach reach_;
    std::vector<Page> pages_;
};

}  // namespace lastcall::command
