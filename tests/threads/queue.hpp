// What one thread of a server hands to others, in order. Knows locks, and nothing of what it holds.
#pragma once

#include <mutex>
#include <vector>

namespace lastcall::threads {

template <typename Item>
class Queue {
public:
    void put(Item item) {
        const std::lock_guard hold(lock_);
        items_.push_back(item);
    }
    // False: there is none.
    bool take(Item& item) {
        const std::lock_guard hold(lock_);
        if (items_.empty()) return false;
        item = items_.front();
        items_.erase(items_.begin());
        return true;
    }

private:
    std::mutex lock_;
    std::vector<Item> items_;
};

}  // namespace lastcall::threads
