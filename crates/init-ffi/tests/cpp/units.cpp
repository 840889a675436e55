// Includes the header twice, in a second unit of a program and alone; compiled with and without exceptions.

#include "fanin.hpp"
#include "fanin.hpp"

#include <vector>

bool second_unit();

bool second_unit() {
    std::vector<double> values(100);
    const fanin::stream from = fanin::stream(1).child("x");
    auto buffer = fanin::buffer<fanin::f16>::try_new(50);
    return fanin::try_fill(values, fanin::uniform(0, 1), from).has_value()
        && fanin::try_init(values, {10, 10}, "lecun_normal", from).has_value()
        && !fanin::try_init(values, {10, 11}, "lecun_normal", from).has_value() && buffer.has_value()
        && fanin::try_fill(*buffer, fanin::normal(0, 1), from).has_value()
        && fanin::try_gain("swish").error().status() == FANIN_STATUS_INVALID_TEXT;
}

#if !defined(__cpp_exceptions)
int main() { return second_unit() ? 0 : 1; }
#endif
