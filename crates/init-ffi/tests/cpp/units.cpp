// Includes the header twice, in a second unit of a program and alone; compiled with and without exceptions.

#include "fanin.hpp"
#include "fanin.hpp"

#include <string>
#include <utility>
#include <vector>

bool second_unit();

// Errors that a shape or a text has by itself are statuses as well.
static bool refuses() {
    std::vector<float> values(6);
    const fanin::stream from(1);
    const fanin::shape kept = {2, 3};
    const fanin::shape negative = {2, -3};
    const auto found = fanin::try_fans(kept);
    return fanin::try_init(values, kept, "xavier_uniform", from, fanin::options{1}).has_value() && found && (*found).fan_in == 3
        && fanin::try_init(values, negative, "ones", from).error().status() == FANIN_STATUS_INVALID_SHAPE
        && fanin::try_fill_shard(values, {2, 3}, {-1, 0}, {2, 3}, fanin::constant(1), from).error().message()
            == "`offsets` must not have negative numbers, got -1 at index 0"
        && fanin::try_gain(std::string("relu\0", 5)).error().status() == FANIN_STATUS_INVALID_TEXT;
}

static bool moves() {
    auto first = fanin::buffer<float>::try_new(10);
    if (!first) return false;
    fanin::buffer<float> second = std::move(*first);
    return second.size() == 10 && second.data() != nullptr && first->size() == 0 && first->data() == nullptr
        && first->begin() == first->end();
}

bool second_unit() {
    std::vector<double> values(100);
    const fanin::stream from = fanin::stream(1).child("x");
    auto buffer = fanin::buffer<fanin::f16>::try_new(50);
    return fanin::try_fill(values, fanin::uniform(0, 1), from).has_value()
        && fanin::try_init(values, {10, 10}, "lecun_normal", from).has_value()
        && !fanin::try_init(values, {10, 11}, "lecun_normal", from).has_value() && buffer.has_value()
        && fanin::try_fill(*buffer, fanin::normal(0, 1), from).has_value()
        && refuses() && moves() && fanin::try_gain("swish").error().status() == FANIN_STATUS_INVALID_TEXT;
}

#if !defined(__cpp_exceptions)
int main() { return second_unit() ? 0 : 1; }
#endif
