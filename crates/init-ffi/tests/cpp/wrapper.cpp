// fanin.hpp gives the same values and errors as fanin.h. The second unit of the program is units.cpp.

#include "fanin.hpp"

#include <cstring>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>
#if defined(__cpp_lib_mdspan)
#include <mdspan>
#endif

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

// A shape of any integers is the shape of those numbers.
static bool is_30_20(const fanin::shape &sizes) { return sizes.size() == 2 && sizes.data()[0] == 30 && sizes[1] == 20; }

// The members of std::extents, which is newer than some of the compilers.
struct extents {
    static constexpr std::size_t rank() noexcept { return 2; }
    int extent(std::size_t axis) const noexcept { return axis == 0 ? 30 : 20; }
};

static void shapes() {
    const fanin::stream from(1);
    float expected[600], values[600];
    const std::size_t raw[2] = {30, 20};
    const int rows = 30;
    const std::ptrdiff_t columns = 20;
    enum { ROWS = 30, COLUMNS = 20 };
    const short array[2] = {30, 20};
    const std::vector<std::int64_t> vector = {30, 20};
    const std::array<std::uint8_t, 2> bytes = {30, 20};

    // A shape owns its sizes, also after the full expression that made it.
    const fanin::shape kept = {30, 20};
    const fanin::shape copied = fanin::shape(std::vector<int>{30, 20});
    fanin::shape assigned = {1};
    assigned = {rows, columns};
    FINE(fanin_init(expected, FANIN_DTYPE_F32, raw, 2, FANIN_LAYOUT_TORCH, "xavier_uniform", from.raw(), nullptr));
    for (const fanin::shape &sizes : {kept, copied, assigned, fanin::shape(array), fanin::shape(vector), fanin::shape(bytes),
                                      fanin::shape(extents()), fanin::shape{ROWS, COLUMNS}, fanin::shape(raw)}) {
        CHECK(is_30_20(sizes));
        std::memset(values, 0, sizeof values);
        fanin::init(values, sizes, "xavier_uniform", from);
        CHECK(same(values, expected, 600));
    }
    fanin::init(values, {rows, 20}, "zeros", from);
    fanin::init(values, {columns, rows}, "xavier_uniform", from);
    CHECK(fanin::fans({rows, columns}).fan_in == 20 && fanin::fans(vector).fan_out == 30 && fanin::fans(kept).fan_in == 20);
    CHECK(fanin::shape{}.size() == 0 && fanin::shape{7}.size() == 1);
#if defined(__cpp_lib_span)
    CHECK(is_30_20(std::span<const int, 2>(std::array<int, 2>{30, 20})) && is_30_20(std::span(vector)));
#endif
#if defined(__cpp_lib_mdspan)
    CHECK(is_30_20(std::extents<int, 30, std::dynamic_extent>(20)));
    CHECK(is_30_20(std::mdspan(values, 30, 20)));
#endif
    static_assert(!std::is_constructible_v<fanin::shape, const char *> && !std::is_constructible_v<fanin::shape, std::string>);
    static_assert(!std::is_constructible_v<fanin::shape, std::vector<double>> && !std::is_constructible_v<fanin::shape, int>);

    throws(FANIN_STATUS_INVALID_SHAPE, "`sizes` must not have negative numbers, got -20 at index 1",
           [&] { fanin::init(values, {rows, -columns}, "ones", from); });
    throws(FANIN_STATUS_INVALID_SHAPE, "-1", [&] { (void)fanin::fans(std::vector<std::int64_t>{30, -1}); });
    throws(FANIN_STATUS_INVALID_SHAPE, "`sizes`", [] { (void)fanin::resolve({0, -1}, "ones"); });
    throws(FANIN_STATUS_INVALID_SHAPE, "`local`", [&] { fanin::fill_shard(values, kept, {0, 0}, {30, -20}, fanin::constant(0), from); });
    throws(FANIN_STATUS_INVALID_SHAPE, "`offsets`", [&] { fanin::init_shard(values, kept, {-1, 0}, kept, "ones", from); });
    throws(FANIN_STATUS_INVALID_SHAPE, "got 65", [] { (void)fanin::fans(std::vector<int>(65, 1)); });
}

// The members of a matrix of Eigen. Elements of the matrix that the view does not have are guards.
template <class T> struct view {
    T *first;
    std::ptrdiff_t inner, inner_stride, outer, outer_stride;
    T *data() const noexcept { return first; }
    std::ptrdiff_t size() const noexcept { return inner * outer; }
    std::ptrdiff_t innerSize() const noexcept { return inner; }
    std::ptrdiff_t outerSize() const noexcept { return outer; }
    std::ptrdiff_t innerStride() const noexcept { return inner_stride; }
    std::ptrdiff_t outerStride() const noexcept { return outer_stride; }
};

static void strides() {
    const fanin::stream from(1);
    const view<float> views[] = {
        {nullptr, 4, 1, 3, 10},  // a block
        {nullptr, 3, 10, 1, 40}, // a row
        {nullptr, 4, 1, 1, 10},  // a column
        {nullptr, 10, 1, 4, 10}, // all
        {nullptr, 1, 1, 4, 10},  // a block of one row
        {nullptr, 3, 11, 1, 11}, // a diagonal
        {nullptr, 5, 2, 2, 20},  // every second row and column
        {nullptr, 0, 1, 3, 10},  // nothing
    };
    for (view<float> part : views) {
        float matrix[60], expected[40];
        for (float &element : matrix) element = -7;
        part.first = matrix + 10;
        fanin::fill(part, fanin::uniform(0, 1), from);
        fanin::fill(std::vector<float>(), fanin::uniform(0, 1), from);
        FINE(fanin_fill_f32(expected, 40, fanin_uniform(0, 1), from.raw()));
        std::ptrdiff_t found = 0;
        for (std::ptrdiff_t i = 0; i < part.size(); i++) {
            float &element = part.first[i % part.inner * part.inner_stride + i / part.inner * part.outer_stride];
            CHECK(same(&element, expected + i, 1));
            element = -7;
            found++;
        }
        for (const float element : matrix) CHECK(element == -7.0f);
        CHECK(found == part.size());
    }
    float matrix[60] = {};
    view<float> block = {matrix, 4, 1, 3, 10};
    throws(FANIN_STATUS_INVALID_LENGTH, "13", [&] { fanin::init(block, {13, 1}, "ones", from); });
    for (const float element : matrix) CHECK(!(element < 0) && !(element > 0));
    fanin::init(block, {3, 4}, "ones", from);
    CHECK(std::accumulate(matrix, matrix + 60, 0.0f) == 12.0f);
}

static void values_of_results() {
    auto found = fanin::try_gain("relu");
    const auto constant = found;
    found.value() += 1;
    CHECK(found.value() == constant.value() + 1 && fanin::try_gain("relu").value() == constant.value());
    auto failed = fanin::try_gain("gelu");
    throws(FANIN_STATUS_INVALID_TEXT, "gelu", [&] { (void)failed.value(); });
    throws(FANIN_STATUS_INVALID_TEXT, "gelu", [&] { (void)std::as_const(failed).value(); });
    auto memory = fanin::buffer<float>::try_new(10);
    CHECK(memory.value().size() == 10 && memory->data() == memory.value().data());
#if defined(__cpp_lib_expected)
    CHECK(constant.expected().value() == constant.value() && failed.expected().error().status() == FANIN_STATUS_INVALID_TEXT);
#endif

    fanin::buffer<float> moved = std::move(memory).value();
    CHECK(moved.size() == 10 && memory->size() == 0 && memory->data() == nullptr && memory->begin() == memory->end());
    fanin::buffer<float> other(5);
    other = std::move(moved);
    CHECK(other.size() == 10 && moved.size() == 0 && moved.data() == nullptr && std::as_const(moved).data() == nullptr);
    throws(FANIN_STATUS_OVERFLOW, "addressed", [] { fanin::buffer<double> buffer(SIZE_MAX); });
}

static void options_and_texts() {
    const fanin::stream from(1);
    std::vector<float> with(600), without(600);
    fanin::init(with, {30, 20}, "xavier_uniform", from, "torch", fanin::options{1, FANIN_LEVEL_PORTABLE});
    fanin::init(without, {30, 20}, "xavier_uniform", from, fanin::options{1, FANIN_LEVEL_PORTABLE});
    CHECK(with == without);
    fanin::init_shard(without, {30, 20}, {0, 0}, {30, 20}, "ones", from, fanin::options{1});
    CHECK(without[599] == 1.0f);

    const std::string nul("relu\0 and more", 14);
    throws(FANIN_STATUS_INVALID_TEXT, "`nonlinearity` has a NUL at byte 4", [&] { (void)fanin::gain(nul); });
    throws(FANIN_STATUS_INVALID_TEXT, "`initializer` has a NUL", [&] { fanin::init(with, {30, 20}, std::string("ones\0", 5), from); });
    throws(FANIN_STATUS_INVALID_TEXT, "`layout` has a NUL", [&] { fanin::init(with, {30, 20}, "ones", from, std::string("torch\0", 6)); });
    throws(FANIN_STATUS_INVALID_TEXT, "NUL", [&] { (void)fanin::parse_distribution(nul); });
    throws(FANIN_STATUS_INVALID_TEXT, "NUL", [&] { (void)fanin::fans({30, 20}, nul); });
    // Names may have one: they are given with their length.
    CHECK(from.child(nul) != from.child("relu"));
    CHECK(with[599] < 1.0f);
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

    shapes();
    strides();
    values_of_results();
    options_and_texts();

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
    const float zero = 0;
    throws(FANIN_STATUS_INVALID_SHARD, "numbers of dimensions", [&] { model.fill_shard(corner, {1, 2}, {6}, 0); });
    throws(FANIN_STATUS_INVALID_TEXT, "name", [&] { (void)model.find(std::string("w\0x", 3)); });
    throws(FANIN_STATUS_INVALID_SHAPE, "sizes", [] { (void)fanin::resolve_scheme({4, -16}, "mup(role=hidden, base_fan_in=4)"); });
    {
        float matrix[70] = {};
        const view<float> row = {matrix + 3, 7, 10, 1, 70};
        model.fill_at(row, 50, 0);
        for (std::size_t i = 0; i < 70; i++) CHECK(same(&matrix[i], i % 10 == 3 ? &slice[i / 10] : &zero, 1));
    }
    throws(FANIN_STATUS_UNKNOWN_PARAMETER, "no parameter", [&] { (void)model.find("v"); });
    throws(FANIN_STATUS_INVALID_MODEL, "gpt2", [] { (void)fanin::plan::preset("gpt-2"); });
    CHECK(std::strcmp(fanin::resolve_scheme({4, 16}, "mup(role=hidden, base_fan_in=4)").initializer, "normal(std=0.25)") == 0);

    fanin::buffer<float> first(1000), second(10);
    second = std::move(first);
    CHECK(second.size() == 1000);
    CHECK(second_unit());
    return 0;
}
