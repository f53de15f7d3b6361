#pragma once
// Several threads that do the same, for what must hold when they do.

#include <thread>
#include <vector>

namespace gardu::test {

/// Calls function(0) to function(count - 1), each in a thread of its own, and waits for all.
template <class Function>
void inThreads(int count, Function function) {
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(count));
    for (int index = 0; index < count; ++index) {
        threads.emplace_back([&function, index] { function(index); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

}  // namespace gardu::test
