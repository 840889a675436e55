// fanin.hpp gives the same values and errors as fanin.h. The second unit of the program is units.cpp.

#include "fanin.hpp"

#include <cstring>
#include <utility>
#include <vector>

#include "../c/check.h"

bool second_unit();

template <class T> static bool same(const T *a, const T *b, std::size_t len) { return std::memcmp(a, b, len * sizeof(T)) == 0; }

template <class T> static void fills(T *whole, fanin_dtype dtype) {
    const fanin::stream from = fanin::stream(42).child("w");
    const fanin_stream raw = fanin_stream_child(fanin_stream_new(42), "w");
    fanin::buffer<T> buffer(600);
    const std::size_t global[2] = {30, 20}, offsets[2] = {10, 5}, local[2] = {5, 4};

    FINE(fanin_fill(whole, dtype, 600, fanin_normal(0, 1), raw, nullptr, nullptr));
    fanin::fill(buffer, fanin::normal(0, 1), from);
    CHECK(same(buffer.data(), whole, 600));
    fanin::fill(buffer, fanin::normal(0, 1), from, fanin::options{1, FANIN_LEVEL_PORTABLE});
    CHECK(same(buffer.begin(), whole, 600));

    std::vector<T> part(20);
    fanin::fill_at(part, 100, fanin::normal(0, 1), from);
    CHECK(same(part.data(), whole + 100, 20));
    fanin::fill_shard(part, {30, 20}, {10, 5}, {5, 4}, fanin::normal(0, 1), from);
    CHECK(same(part.data(), whole + 10 * 20 + 5, 4) && same(part.data() + 16, whole + 14 * 20 + 5, 4));

    FINE(fanin_init(whole, dtype, global, 2, FANIN_LAYOUT_JAX, "orthogonal", raw, nullptr));
    fanin::init(buffer, global, std::string("orthogonal"), from, "jax");
    CHECK(same(buffer.data(), whole, 600));
    fanin::init_shard(part, global, offsets, local, "orthogonal", from, "jax");
    CHECK(same(part.data(), whole + 10 * 20 + 5, 4));

    T array[20];
    fanin::fill(array, fanin::uniform(0, 1), from);
    fanin::fill(std::array<T, 3>{}, fanin::truncated_normal(0, 1, -1, 1), from);
#if defined(__cpp_lib_span)
    fanin::fill(std::span<T>(array), fanin::constant(1), from);
    fanin::fill(buffer.span().first(7), fanin::constant(1), from);
#endif
}

template <class F> static void throws(fanin_status status, const char *message, F call) {
    bool threw = false;
    try {
        call();
    } catch (const fanin::error &failure) {
        threw = true;
        CHECK(failure.status() == status);
        CHECK(failure.message().find(message) != std::string::npos && failure.what() == failure.message());
    }
    CHECK(threw);
}

int main() {
    float f32[600];
    double f64[600];
    fanin::bf16 bf16[600];
    fanin::f16 f16[600];
    fills(f32, FANIN_DTYPE_F32);
    fills(f64, FANIN_DTYPE_F64);
    fills(bf16, FANIN_DTYPE_BF16);
    fills(f16, FANIN_DTYPE_F16);

    const fanin::stream from(1);
    CHECK(from == fanin::stream(fanin_stream_new(1)) && from.child("a") != from.child("b"));
    CHECK(from.child(std::string_view("abc", 1)) == from.child("a") && from.child_index(0) != from);

    CHECK(fanin::fans({64, 3, 7, 7}).fan_in == 147);
    CHECK(fanin::fans({7, 7, 3, 64}, "jax").fan_out == 3136);
    CHECK(fanin::gain("tanh") == 5.0 / 3.0);
    // √3 · std, as in PyTorch, and not √(6 / 6).
    CHECK(std::strcmp(fanin::resolve({2, 4}, "xavier_uniform").text, "uniform(low=-0.9999999999999999, high=0.9999999999999999)") == 0);
    CHECK(fanin::parse_distribution("normal(0, 0.5)").std == 0.5);

    throws(FANIN_STATUS_INVALID_TEXT, "xavier_uniform", [&] { fanin::init(f32, {30, 20}, "xavier_unifrom", from); });
    throws(FANIN_STATUS_INVALID_LENGTH, "600", [&] { fanin::init(f32, {30, 21}, "ones", from); });
    throws(FANIN_STATUS_INVALID_SHARD, "dimensions", [&] { fanin::fill_shard(f32, {30, 20}, {0}, {30, 20}, fanin::constant(0), from); });
    throws(FANIN_STATUS_INVALID_STREAM, "fanin_stream_new", [&] { fanin::fill(f32, fanin::constant(0), from.child("\xFF")); });
    throws(FANIN_STATUS_NO_MEMORY, "memory", [] { fanin::buffer<double> buffer(SIZE_MAX / 16); });
    throws(FANIN_STATUS_INVALID_SHAPE, "64", [&] { fanin::init(f32, std::vector<std::size_t>(65, 1), "ones", from); });

    const auto failed = fanin::try_gain("gelu");
    CHECK(!failed && failed.error().status() == FANIN_STATUS_INVALID_TEXT);
    const auto found = fanin::try_gain("relu");
    CHECK(found.has_value() && *found > 1.41);
#if defined(__cpp_lib_expected)
    CHECK(fanin::try_gain("linear").expected().value() == 1.0);
    CHECK(fanin::try_gain("linnear").expected().error().status() == FANIN_STATUS_INVALID_TEXT);
#endif

    const fanin::plan model = fanin::plan::recipe("[parameters]\nw = [30, 20]\n[[rule]]\nmatch = \"w\"\ninit = \"normal\"\n");
    CHECK(model.size() == 1 && model.elements() == 600 && model.bytes() == 2400 && model.seed() == 0);
    CHECK(std::strcmp(model.parameter(model.find("w")).initializer, "normal") == 0);
    std::vector<float> weight(600), other(600), slice(7), corner(6);
    model.fill(weight, 0);
    fanin::fill(other, fanin::normal(0, 1), fanin::stream(0).child("w"));
    CHECK(weight == other);
    model.fill_at(slice, 50, 0);
    model.fill_shard(corner, {1, 2}, {2, 3}, 0);
    CHECK(slice[6] == weight[56] && corner[5] == weight[2 * 20 + 4]);
    throws(FANIN_STATUS_UNKNOWN_PARAMETER, "no parameter", [&] { (void)model.find("v"); });
    throws(FANIN_STATUS_INVALID_MODEL, "gpt2", [] { (void)fanin::plan::preset("gpt-2"); });
    CHECK(std::strcmp(fanin::resolve_scheme({4, 16}, "mup(role=hidden, base_fan_in=4)").initializer, "normal(std=0.25)") == 0);

    fanin::buffer<float> first(1000), second(10);
    second = std::move(first);
    CHECK(second.size() == 1000);
    CHECK(second_unit());
    return 0;
}
