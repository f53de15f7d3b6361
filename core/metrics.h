#pragma once
// Counters and gauges of the process, in Prometheus' words. A Metrics object is made in app/ and handed down;
// handles stay valid as long as it lives, and may be used from any thread.

#include <map>
#include <memory>
#include <string>

namespace prometheus {
class Registry;
class Counter;
class Gauge;
}  // namespace prometheus

namespace gardu::core {

/// Only goes up.
class Counter {
public:
    explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
    void add(double amount = 1);
    [[nodiscard]] double value() const;

private:
    prometheus::Counter* counter_;
};

class Gauge {
public:
    explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
    void set(double value);
    [[nodiscard]] double value() const;

private:
    prometheus::Gauge* gauge_;
};

using MetricLabels = std::map<std::string, std::string>;

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    Metrics(Metrics&&) = delete;
    Metrics& operator=(Metrics&&) = delete;

    /// The same name and labels give the same counter. Throws std::invalid_argument on a name that is not
    /// Prometheus', or that is taken by the other kind. Looks up under a lock: keep the handle on hot paths.
    [[nodiscard]] Counter counter(const std::string& name, const std::string& help,
                                  const MetricLabels& labels = {});
    [[nodiscard]] Gauge gauge(const std::string& name, const std::string& help,
                              const MetricLabels& labels = {});

    /// Prometheus text format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace gardu::core
