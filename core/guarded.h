#pragma once
// The data lives inside its lock: no way to touch it without holding it.

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace gardu::core {

/// One holder at a time. What the function returns is returned by value, so that no reference leaves the
/// lock. Keep the function short: no I/O while the lock is held.
template <class T>
class Guarded {
public:
    template <class... Arguments>
    explicit Guarded(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}

    template <class Function>
    auto with(Function&& function) {
        const std::lock_guard lock(mutex_);
        return std::forward<Function>(function)(value_);
    }
    template <class Function>
    auto with(Function&& function) const {
        const std::lock_guard lock(mutex_);
        return std::forward<Function>(function)(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_;
};

/// Many readers or one writer.
template <class T>
class SharedGuarded {
public:
    template <class... Arguments>
    explicit SharedGuarded(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}

    template <class Function>
    auto read(Function&& function) const {
        const std::shared_lock lock(mutex_);
        return std::forward<Function>(function)(std::as_const(value_));
    }
    template <class Function>
    auto write(Function&& function) {
        const std::unique_lock lock(mutex_);
        return std::forward<Function>(function)(value_);
    }

private:
    mutable std::shared_mutex mutex_;
    T value_;
};

}  // namespace gardu::core
