#pragma once
// A row of the table `changes`: one thing of the access path's world that is now another. Pure.

#include <cstdint>
#include <string>

namespace gardu::core {

/// What changed; the number is what the table keeps.
enum class ChangeKind : std::int64_t { Subscriber = 1, Package = 2, Nas = 3 };

struct Change {
    std::int64_t id = 0;
    ChangeKind kind = ChangeKind::Subscriber;
    /// The subscriber's user name key, or the package's or NAS's id.
    std::string entity;
};

}  // namespace gardu::core
