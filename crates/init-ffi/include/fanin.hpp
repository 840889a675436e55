// fanin.hpp: fanin.h for C++17 and later. One header, nothing to compile; it defines no macro but its include guard.
//
// Every function exists twice: `fill` throws a fanin::error, `try_fill` returns a fanin::result and also works without
// exceptions. Buffers are anything with data() and size(): std::vector, std::array, std::span, arrays, fanin::buffer, and
// matrices, arrays, maps and blocks of Eigen. Their elements are float, double, fanin::bf16, fanin::f16, or
// std::bfloat16_t and std::float16_t where the compiler has them; other types with the same bits, such as Eigen::half,
// after a specialisation of fanin::dtype_of. For everything else see CONVENTIONS.md.
//
// Shapes are in row-major order. The values of a column-major matrix, as Eigen's are by default, are those of the
// row-major one with its sizes reversed: see "Column-major arrays" in CONVENTIONS.md.
//
//     std::vector<float> weight(256 * 784);
//     fanin::init(weight, {256, 784}, "xavier_uniform", fanin::stream(42).child("fc.weight"));

#ifndef FANIN_HPP
#define FANIN_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "fanin.h"

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_span)
#include <span>
#endif
#if defined(__cpp_lib_expected)
#include <expected>
#endif
#if defined(__STDCPP_BFLOAT16_T__) || defined(__STDCPP_FLOAT16_T__)
#include <stdfloat>
#endif

namespace fanin {

/// The bits of a bfloat16.
struct bf16 {
    std::uint16_t bits;
};

/// The bits of an IEEE 754 binary16.
struct f16 {
    std::uint16_t bits;
};

/// The dtype of an element type.
template <class T> struct dtype_of;
template <> struct dtype_of<float> : std::integral_constant<fanin_dtype, FANIN_DTYPE_F32> {};
template <> struct dtype_of<double> : std::integral_constant<fanin_dtype, FANIN_DTYPE_F64> {};
template <> struct dtype_of<bf16> : std::integral_constant<fanin_dtype, FANIN_DTYPE_BF16> {};
template <> struct dtype_of<f16> : std::integral_constant<fanin_dtype, FANIN_DTYPE_F16> {};
#if defined(__STDCPP_BFLOAT16_T__)
template <> struct dtype_of<std::bfloat16_t> : std::integral_constant<fanin_dtype, FANIN_DTYPE_BF16> {};
#endif
#if defined(__STDCPP_FLOAT16_T__)
template <> struct dtype_of<std::float16_t> : std::integral_constant<fanin_dtype, FANIN_DTYPE_F16> {};
#endif

/// The error of a call: a status and its message.
class error : public std::exception {
public:
    explicit error(const fanin_error &raw) : status_(raw.status), message_(raw.message, raw.length) {}
    error(fanin_status status, std::string message) : status_(status), message_(std::move(message)) {}

    fanin_status status() const noexcept { return status_; }
    const std::string &message() const noexcept { return message_; }
    const char *what() const noexcept override { return message_.c_str(); }

private:
    fanin_status status_;
    std::string message_;
};

/// A value, or the error of the call: like std::expected, in every version of C++.
template <class T> class [[nodiscard]] result {
public:
    result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    result(fanin::error failure) : content_(std::in_place_index<1>, std::move(failure)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    T &operator*() & noexcept { return *std::get_if<0>(&content_); }
    const T &operator*() const & noexcept { return *std::get_if<0>(&content_); }
    T &&operator*() && noexcept { return std::move(*std::get_if<0>(&content_)); }
    T *operator->() noexcept { return std::get_if<0>(&content_); }
    const T *operator->() const noexcept { return std::get_if<0>(&content_); }
    const fanin::error &error() const noexcept { return *std::get_if<1>(&content_); }

#if defined(__cpp_exceptions)
    /// The value; throws the error if there is none.
    T &value() & {
        if (!has_value()) throw this->error();
        return **this;
    }
    const T &value() const & {
        if (!has_value()) throw this->error();
        return **this;
    }
    T value() && {
        if (!has_value()) throw this->error();
        return std::move(**this);
    }
#endif
#if defined(__cpp_lib_expected)
    std::expected<T, fanin::error> expected() const & {
        if (!has_value()) return std::unexpected(this->error());
        return **this;
    }
    std::expected<T, fanin::error> expected() && {
        if (!has_value()) return std::unexpected(this->error());
        return std::move(**this);
    }
#endif

private:
    std::variant<T, fanin::error> content_;
};

/// The empty value of a fill that succeeded.
using done = std::monostate;

/// How to fill: no option changes a value.
struct options {
    std::uint32_t threads = 0;
    fanin_level level = FANIN_LEVEL_AUTO;

    fanin_options raw() const noexcept {
        fanin_options filled = fanin_options_default();
        filled.threads = threads;
        filled.level = level;
        return filled;
    }
};

/// A stream: where values come from. It is a number that is copied and has no position.
class stream {
public:
    explicit stream(std::uint64_t seed) noexcept : raw_(fanin_stream_new(seed)) {}
    explicit stream(fanin_stream raw) noexcept : raw_(raw) {}

    [[nodiscard]] stream child(std::string_view name) const noexcept {
        return stream(fanin_stream_child_n(raw_, name.data(), name.size()));
    }
    [[nodiscard]] stream child_index(std::uint64_t index) const noexcept {
        return stream(fanin_stream_child_index(raw_, index));
    }
    fanin_stream raw() const noexcept { return raw_; }

    friend bool operator==(stream a, stream b) noexcept { return a.raw_.k0 == b.raw_.k0 && a.raw_.k1 == b.raw_.k1; }
    friend bool operator!=(stream a, stream b) noexcept { return !(a == b); }

private:
    fanin_stream raw_;
};

using distribution = fanin_distribution;

[[nodiscard]] inline distribution constant(double value) noexcept { return fanin_constant(value); }
[[nodiscard]] inline distribution uniform(double low, double high) noexcept { return fanin_uniform(low, high); }
[[nodiscard]] inline distribution normal(double mean, double std) noexcept { return fanin_normal(mean, std); }
[[nodiscard]] inline distribution truncated_normal(double mean, double std, double low, double high) noexcept {
    return fanin_truncated_normal(mean, std, low, high);
}

namespace detail {

/// Whether a type counts: an integer or an enumerator, but neither bool nor a character.
template <class I> constexpr bool is_count() noexcept {
    using T = std::remove_cv_t<I>;
    if constexpr (std::is_enum_v<T>) return std::is_convertible_v<T, long long>;
    return std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char> && !std::is_same_v<T, wchar_t>
        && !std::is_same_v<T, char16_t> && !std::is_same_v<T, char32_t>;
}

/// One size, from any type of integer.
struct extent {
    template <class I, class = std::enable_if_t<is_count<I>()>> constexpr extent(I number) noexcept {
        if constexpr (std::is_enum_v<I>) {
            *this = extent(static_cast<std::underlying_type_t<I>>(number));
        } else {
            if constexpr (std::is_signed_v<I>) {
                if (number < 0) {
                    negative = static_cast<long long>(number);
                    return;
                }
            }
            // What does not fit is refused by the library as an overflow.
            if (static_cast<unsigned long long>(number) <= SIZE_MAX) value = static_cast<std::size_t>(number);
        }
    }

    std::size_t value = SIZE_MAX;
    /// The number if it is negative, otherwise 0.
    long long negative = 0;
};

template <class R> using pointee = std::remove_pointer_t<decltype(std::data(std::declval<R &>()))>;

/// Whether a type has Eigen's members for strides, as its matrices, maps and blocks have.
template <class R, class = void> struct has_strides : std::false_type {};
template <class R>
struct has_strides<R, std::void_t<decltype(std::declval<R &>().innerStride()), decltype(std::declval<R &>().outerStride()),
                                  decltype(std::declval<R &>().innerSize()), decltype(std::declval<R &>().outerSize())>>
    : std::true_type {};

/// Whether a type is a contiguous range of integers, such as std::vector<std::int64_t>.
template <class R, class = void> struct is_sizes : std::false_type {};
template <class R>
struct is_sizes<R, std::void_t<pointee<const R>, decltype(std::size(std::declval<const R &>()))>>
    : std::bool_constant<is_count<pointee<const R>>() && !has_strides<const R>::value> {};

/// Whether a type has the members of std::extents and std::mdspan.
template <class E, class = void> struct is_extents : std::false_type {};
template <class E>
struct is_extents<E, std::void_t<decltype(E::rank()), decltype(std::declval<const E &>().extent(0))>> : std::true_type {};

} // namespace detail

/// The sizes of a tensor, or offsets in it: `{256, 784}`, a vector, an array, a span, std::extents, of any integer type. It
/// owns its numbers. A negative number, or more than 64 of them, is an error of the call that the shape is passed to:
/// FANIN_STATUS_INVALID_SHAPE.
class shape {
public:
    /// The maximum number of dimensions.
    static constexpr std::size_t max_ndim = 64;

    shape(std::initializer_list<detail::extent> sizes) noexcept {
        for (const detail::extent size : sizes) push(size);
    }
    template <class R, std::enable_if_t<detail::is_sizes<R>::value, int> = 0> shape(const R &sizes) noexcept {
        const auto *first = std::data(sizes);
        const std::size_t count = static_cast<std::size_t>(std::size(sizes));
        for (std::size_t i = 0; i < count; i++) push(first[i]);
    }
    template <class E, std::enable_if_t<detail::is_extents<E>::value && !detail::is_sizes<E>::value, int> = 0>
    shape(const E &extents) noexcept {
        using rank_type = std::remove_cv_t<decltype(E::rank())>;
        for (rank_type i = 0; i < E::rank(); i++) push(extents.extent(i));
    }
    shape(const shape &other) noexcept { *this = other; }
    shape &operator=(const shape &other) noexcept {
        count_ = other.count_;
        negative_at_ = other.negative_at_;
        negative_ = other.negative_;
        for (std::size_t i = 0; i < size(); i++) sizes_[i] = other.sizes_[i];
        return *this;
    }

    const std::size_t *data() const noexcept { return sizes_; }
    std::size_t size() const noexcept { return count_ < max_ndim ? count_ : max_ndim; }
    const std::size_t *begin() const noexcept { return sizes_; }
    const std::size_t *end() const noexcept { return sizes_ + size(); }
    std::size_t operator[](std::size_t index) const noexcept { return sizes_[index]; }

    /// What is wrong with the numbers, if anything; `name` is the name of the argument.
    std::optional<error> invalid(const char *name) const {
        if (count_ > max_ndim) {
            return error(FANIN_STATUS_INVALID_SHAPE, std::string("`") + name + "` must have at most 64 dimensions, got " + std::to_string(count_));
        }
        if (negative_ < 0) {
            return error(FANIN_STATUS_INVALID_SHAPE, std::string("`") + name + "` must not have negative numbers, got "
                                                         + std::to_string(negative_) + " at index " + std::to_string(negative_at_));
        }
        return std::nullopt;
    }

private:
    void push(detail::extent size) noexcept {
        if (size.negative < 0 && negative_ == 0) {
            negative_ = size.negative;
            negative_at_ = count_;
        }
        if (count_ < max_ndim) sizes_[count_] = size.value;
        count_++;
    }

    std::size_t count_ = 0;
    std::size_t negative_at_ = 0;
    /// The first negative number, or 0.
    long long negative_ = 0;
    /// The first size() of them are set.
    std::size_t sizes_[max_ndim];
};

/// A text: a literal that ends with a NUL, or a std::string. A view, for the arguments of a call: it keeps nothing alive.
/// A std::string with a NUL inside is an error of the call that the text is passed to: FANIN_STATUS_INVALID_TEXT.
class text {
public:
    text(const char *raw) noexcept : raw_(raw) {}
    text(const std::string &string) noexcept : raw_(string.c_str()), nul_(string.find('\0')) {}
    const char *raw() const noexcept { return raw_; }

    /// What is wrong with the text, if anything; `name` is the name of the argument.
    std::optional<error> invalid(const char *name) const {
        if (nul_ == std::string::npos) return std::nullopt;
        return error(FANIN_STATUS_INVALID_TEXT, std::string("`") + name + "` has a NUL at byte " + std::to_string(nul_)
                                                    + "; pass a text without NUL");
    }

private:
    const char *raw_;
    std::size_t nul_ = std::string::npos;
};

/// Memory in huge pages, zero and not yet touched; freed by the destructor.
template <class T> class buffer {
public:
    static result<buffer> try_new(std::size_t size) {
        fanin_buffer *handle = nullptr;
        fanin_error failure;
        if (fanin_buffer_new(&handle, dtype_of<T>::value, size, &failure) != FANIN_STATUS_OK) return error(failure);
        return buffer(handle);
    }
#if defined(__cpp_exceptions)
    explicit buffer(std::size_t size) : buffer(try_new(size).value()) {}
#endif
    /// Moves the memory: `other` then has no elements, and its data() is nullptr.
    buffer(buffer &&other) noexcept : handle_(std::move(other.handle_)), data_(std::exchange(other.data_, nullptr)) {}
    buffer &operator=(buffer &&other) noexcept {
        handle_ = std::move(other.handle_);
        data_ = std::exchange(other.data_, nullptr);
        return *this;
    }

    T *data() noexcept { return data_; }
    const T *data() const noexcept { return data_; }
    std::size_t size() const noexcept { return fanin_buffer_len(handle_.get()); }
    T *begin() noexcept { return data_; }
    T *end() noexcept { return data_ + size(); }
    const T *begin() const noexcept { return data_; }
    const T *end() const noexcept { return data_ + size(); }
    T &operator[](std::size_t index) noexcept { return data_[index]; }
    const T &operator[](std::size_t index) const noexcept { return data_[index]; }
#if defined(__cpp_lib_span)
    std::span<T> span() noexcept { return {data_, size()}; }
    std::span<const T> span() const noexcept { return {data_, size()}; }
#endif

private:
    struct free {
        void operator()(fanin_buffer *handle) const noexcept { fanin_buffer_free(handle); }
    };
    explicit buffer(fanin_buffer *handle) noexcept : handle_(handle), data_(static_cast<T *>(fanin_buffer_data(handle))) {}

    std::unique_ptr<fanin_buffer, free> handle_;
    T *data_;
};

namespace detail {

template <class T> result<T> make_result(fanin_status status, const fanin_error &failure, T value) {
    if (status == FANIN_STATUS_OK) return value;
    return error(failure);
}

/// The error of the first of these arguments that has one; each follows its name.
inline std::optional<error> invalid() { return std::nullopt; }
template <class A, class... Rest> std::optional<error> invalid(const char *name, const A &argument, const Rest &...rest) {
    if (auto wrong = argument.invalid(name)) return wrong;
    return invalid(rest...);
}

inline std::optional<error> invalid_shard(const shape &global, const shape &offsets, const shape &local) {
    if (auto wrong = invalid("global", global, "offsets", offsets, "local", local)) return wrong;
    if (global.size() == offsets.size() && global.size() == local.size()) return std::nullopt;
    return error(FANIN_STATUS_INVALID_SHARD, "global, offsets and local have different numbers of dimensions; pass the same number of each");
}

/// Writes a destination by `call(data, dtype, len, error)`.
///
/// A destination with gaps, such as a row or a block of a column-major matrix of Eigen, is written by way of a contiguous
/// buffer, in its own order: column by column where it is column-major. What lies in the gaps is not touched.
template <class R, class F> result<done> write(R &dst, F call) {
    using T = pointee<R>;
    static_assert(!std::is_const_v<T>, "the destination is const");
    const std::size_t len = static_cast<std::size_t>(std::size(dst));
    fanin_error failure;
    if constexpr (has_strides<R>::value) {
        if (len > 1 && (dst.innerStride() != 1 || (dst.outerSize() != 1 && dst.outerStride() != dst.innerSize()))) {
            result<buffer<T>> whole = buffer<T>::try_new(len);
            if (!whole) return whole.error();
            const fanin_status status = call(whole->data(), dtype_of<T>::value, len, &failure);
            if (status != FANIN_STATUS_OK) return error(failure);
            const T *from = whole->data();
            using index = decltype(dst.outerSize());
            for (index outer = 0; outer < dst.outerSize(); outer++) {
                for (index inner = 0; inner < dst.innerSize(); inner++) {
                    std::data(dst)[inner * dst.innerStride() + outer * dst.outerStride()] = *from++;
                }
            }
            return done{};
        }
    }
    const fanin_status status = call(std::data(dst), dtype_of<T>::value, len, &failure);
    return make_result(status, failure, done{});
}

inline constexpr std::array<std::size_t, shape::max_ndim> origin{};

} // namespace detail

/// Fills a buffer with the elements of a tensor from flat index `offset` on.
template <class R>
result<done> try_fill_at(R &&dst, std::uint64_t offset, distribution dist, stream from, options how = {}) {
    const fanin_options raw = how.raw();
    return detail::write(dst, [&](void *data, fanin_dtype dtype, std::size_t len, fanin_error *failure) {
        return fanin_fill_at(data, dtype, len, offset, dist, from.raw(), &raw, failure);
    });
}

/// Fills a buffer with a whole tensor, or with its first elements.
template <class R> result<done> try_fill(R &&dst, distribution dist, stream from, options how = {}) {
    return try_fill_at(dst, 0, dist, from, how);
}

/// Fills a buffer with a shard of a tensor of shape `global`, which begins at `offsets` and has the shape `local`.
template <class R>
result<done> try_fill_shard(R &&dst, const shape &global, const shape &offsets, const shape &local, distribution dist, stream from,
                            options how = {}) {
    if (const auto wrong = detail::invalid_shard(global, offsets, local)) return *wrong;
    const fanin_options raw = how.raw();
    return detail::write(dst, [&](void *data, fanin_dtype dtype, std::size_t len, fanin_error *failure) {
        return fanin_fill_shard(data, dtype, len, global.data(), offsets.data(), local.data(), global.size(), dist, from.raw(), &raw,
                                failure);
    });
}

/// Initialises a shard of a tensor of shape `global`.
template <class R>
result<done> try_init_shard(R &&dst, const shape &global, const shape &offsets, const shape &local, text initializer, stream from,
                            text layout = "torch", options how = {}) {
    if (const auto wrong = detail::invalid_shard(global, offsets, local)) return *wrong;
    if (const auto wrong = detail::invalid("initializer", initializer, "layout", layout)) return *wrong;
    const fanin_options raw = how.raw();
    return detail::write(dst, [&](void *data, fanin_dtype dtype, std::size_t len, fanin_error *failure) {
        return fanin_init_shard(data, dtype, len, global.data(), offsets.data(), local.data(), global.size(), layout.raw(),
                                initializer.raw(), from.raw(), &raw, failure);
    });
}
template <class R>
result<done> try_init_shard(R &&dst, const shape &global, const shape &offsets, const shape &local, text initializer, stream from,
                            options how) {
    return try_init_shard(dst, global, offsets, local, initializer, from, "torch", how);
}

/// Initialises a tensor of this shape; the buffer has exactly its elements.
template <class R>
result<done> try_init(R &&dst, const shape &sizes, text initializer, stream from, text layout = "torch", options how = {}) {
    if (const auto wrong = detail::invalid("sizes", sizes, "initializer", initializer, "layout", layout)) return *wrong;
    const fanin_options raw = how.raw();
    // As the shard that is the whole tensor, so that the length is checked as well.
    return detail::write(dst, [&](void *data, fanin_dtype dtype, std::size_t len, fanin_error *failure) {
        return fanin_init_shard(data, dtype, len, sizes.data(), detail::origin.data(), sizes.data(), sizes.size(), layout.raw(),
                                initializer.raw(), from.raw(), &raw, failure);
    });
}
template <class R> result<done> try_init(R &&dst, const shape &sizes, text initializer, stream from, options how) {
    return try_init(dst, sizes, initializer, from, "torch", how);
}

/// Computes fan_in and fan_out.
inline result<fanin_fans> try_fans(const shape &sizes, text layout = "torch") {
    if (const auto wrong = detail::invalid("sizes", sizes, "layout", layout)) return *wrong;
    fanin_fans found{};
    fanin_error failure;
    const fanin_status status = fanin_fans_of(&found, sizes.data(), sizes.size(), layout.raw(), &failure);
    return detail::make_result(status, failure, found);
}

/// Computes the gain of a nonlinearity.
inline result<double> try_gain(text nonlinearity, double a = 0.01) {
    if (const auto wrong = detail::invalid("nonlinearity", nonlinearity)) return *wrong;
    double found = 0;
    fanin_error failure;
    const fanin_status status = fanin_gain(&found, nonlinearity.raw(), a, &failure);
    return detail::make_result(status, failure, found);
}

/// Resolves an initializer for a shape.
inline result<fanin_resolution> try_resolve(const shape &sizes, text initializer, text layout = "torch") {
    if (const auto wrong = detail::invalid("sizes", sizes, "initializer", initializer, "layout", layout)) return *wrong;
    fanin_resolution found{};
    fanin_error failure;
    const fanin_status status = fanin_resolve(&found, sizes.data(), sizes.size(), layout.raw(), initializer.raw(), &failure);
    return detail::make_result(status, failure, found);
}

/// Parses a distribution such as `normal(0, 0.02)`.
inline result<distribution> try_parse_distribution(text source) {
    if (const auto wrong = detail::invalid("source", source)) return *wrong;
    distribution found{};
    fanin_error failure;
    const fanin_status status = fanin_distribution_parse(&found, source.raw(), &failure);
    return detail::make_result(status, failure, found);
}

#if defined(__cpp_exceptions)

template <class R> void fill(R &&dst, distribution dist, stream from, options how = {}) {
    (void)try_fill(dst, dist, from, how).value();
}

template <class R> void fill_at(R &&dst, std::uint64_t offset, distribution dist, stream from, options how = {}) {
    (void)try_fill_at(dst, offset, dist, from, how).value();
}

template <class R>
void fill_shard(R &&dst, const shape &global, const shape &offsets, const shape &local, distribution dist, stream from,
                options how = {}) {
    (void)try_fill_shard(dst, global, offsets, local, dist, from, how).value();
}

template <class R>
void init(R &&dst, const shape &sizes, text initializer, stream from, text layout = "torch", options how = {}) {
    (void)try_init(dst, sizes, initializer, from, layout, how).value();
}
template <class R> void init(R &&dst, const shape &sizes, text initializer, stream from, options how) {
    (void)try_init(dst, sizes, initializer, from, how).value();
}

template <class R>
void init_shard(R &&dst, const shape &global, const shape &offsets, const shape &local, text initializer, stream from,
                text layout = "torch", options how = {}) {
    (void)try_init_shard(dst, global, offsets, local, initializer, from, layout, how).value();
}
template <class R>
void init_shard(R &&dst, const shape &global, const shape &offsets, const shape &local, text initializer, stream from, options how) {
    (void)try_init_shard(dst, global, offsets, local, initializer, from, how).value();
}

[[nodiscard]] inline fanin_fans fans(const shape &sizes, text layout = "torch") { return try_fans(sizes, layout).value(); }
[[nodiscard]] inline double gain(text nonlinearity, double a = 0.01) { return try_gain(nonlinearity, a).value(); }
[[nodiscard]] inline fanin_resolution resolve(const shape &sizes, text initializer, text layout = "torch") {
    return try_resolve(sizes, initializer, layout).value();
}
[[nodiscard]] inline distribution parse_distribution(text source) { return try_parse_distribution(source).value(); }

#endif // __cpp_exceptions

} // namespace fanin

// Plans of whole models.

namespace fanin {

/// What a plan is made with: see fanin_plan_options.
struct plan_options {
    /// The seed; that of the recipe, or 0, without one.
    std::optional<std::uint64_t> seed;
    /// The dtype of every parameter for which no rule names one; 0 takes the model's own.
    fanin_dtype dtype = static_cast<fanin_dtype>(0);
    /// The layout of shapes; empty takes the model's own.
    std::string layout;
    /// For a configuration: rules that replace the published initialisation; empty for none.
    std::string rules;

    /// Valid while the options live.
    fanin_plan_options raw() const noexcept {
        fanin_plan_options filled = fanin_plan_options_default();
        filled.seed = seed.value_or(0);
        filled.has_seed = seed.has_value() ? 1 : 0;
        filled.dtype = dtype;
        filled.layout = layout.empty() ? nullptr : layout.c_str();
        filled.rules = rules.empty() ? nullptr : rules.c_str();
        return filled;
    }
};

/// The parameters of a whole model and their values. Any number of threads may use one plan at once. The texts and shapes
/// of its parameters live as long as it does.
class plan {
public:
    /// From a recipe in TOML.
    static result<plan> try_recipe(text source, const plan_options &how = {}) { return open(FANIN_PLAN_SOURCE_RECIPE, source, how); }
    /// From the text of a config.json.
    static result<plan> try_config(text source, const plan_options &how = {}) { return open(FANIN_PLAN_SOURCE_CONFIG, source, how); }
    /// From the name of a preset, such as `gpt2`.
    static result<plan> try_preset(text source, const plan_options &how = {}) { return open(FANIN_PLAN_SOURCE_PRESET, source, how); }

    /// The number of parameters.
    std::size_t size() const noexcept { return fanin_plan_len(handle_.get()); }
    std::uint64_t elements() const noexcept { return fanin_plan_elements(handle_.get()); }
    std::uint64_t bytes() const noexcept { return fanin_plan_bytes(handle_.get()); }
    std::uint64_t seed() const noexcept { return fanin_plan_seed(handle_.get()); }
    const fanin_plan *raw() const noexcept { return handle_.get(); }

    /// Finds the index of a parameter by its name.
    result<std::size_t> try_find(text name) const {
        if (const auto wrong = detail::invalid("name", name)) return *wrong;
        std::size_t index = 0;
        fanin_error failure;
        const fanin_status status = fanin_plan_find(&index, raw(), name.raw(), &failure);
        return detail::make_result(status, failure, index);
    }
    result<fanin_parameter> try_parameter(std::size_t index) const {
        fanin_parameter found{};
        fanin_error failure;
        const fanin_status status = fanin_plan_parameter(&found, raw(), index, &failure);
        return detail::make_result(status, failure, found);
    }
    /// Fills a buffer that has exactly the elements of the parameter.
    template <class R> result<done> try_fill(R &&dst, std::size_t index, options how = {}) const {
        const fanin_options given = how.raw();
        return detail::write(dst, [&](void *data, fanin_dtype dtype, std::size_t len, fanin_error *failure) {
            return fanin_plan_fill(data, dtype, len, raw(), index, &given, failure);
        });
    }
    /// Fills a buffer with the elements of the parameter from flat index `offset` on.
    template <class R> result<done> try_fill_at(R &&dst, std::uint64_t offset, std::size_t index, options how = {}) const {
        const fanin_options given = how.raw();
        return detail::write(dst, [&](void *data, fanin_dtype dtype, std::size_t len, fanin_error *failure) {
            return fanin_plan_fill_at(data, dtype, len, offset, raw(), index, &given, failure);
        });
    }
    /// Fills a buffer with a shard of the parameter, which begins at `offsets` and has the shape `local`.
    template <class R>
    result<done> try_fill_shard(R &&dst, const shape &offsets, const shape &local, std::size_t index, options how = {}) const {
        if (const auto wrong = detail::invalid("offsets", offsets, "local", local)) return *wrong;
        if (offsets.size() != local.size()) {
            return error(FANIN_STATUS_INVALID_SHARD,
                         "offsets and local have different numbers of dimensions; pass the same number of each");
        }
        const fanin_options given = how.raw();
        return detail::write(dst, [&](void *data, fanin_dtype dtype, std::size_t len, fanin_error *failure) {
            return fanin_plan_fill_shard(data, dtype, len, offsets.data(), local.data(), local.size(), raw(), index, &given, failure);
        });
    }

#if defined(__cpp_exceptions)
    static plan recipe(text source, const plan_options &how = {}) { return try_recipe(source, how).value(); }
    static plan config(text source, const plan_options &how = {}) { return try_config(source, how).value(); }
    static plan preset(text source, const plan_options &how = {}) { return try_preset(source, how).value(); }
    [[nodiscard]] std::size_t find(text name) const { return try_find(name).value(); }
    [[nodiscard]] fanin_parameter parameter(std::size_t index) const { return try_parameter(index).value(); }
    template <class R> void fill(R &&dst, std::size_t index, options how = {}) const { (void)try_fill(dst, index, how).value(); }
    template <class R> void fill_at(R &&dst, std::uint64_t offset, std::size_t index, options how = {}) const {
        (void)try_fill_at(dst, offset, index, how).value();
    }
    template <class R> void fill_shard(R &&dst, const shape &offsets, const shape &local, std::size_t index, options how = {}) const {
        (void)try_fill_shard(dst, offsets, local, index, how).value();
    }
#endif

private:
    struct close {
        void operator()(fanin_plan *handle) const noexcept { fanin_plan_close(handle); }
    };
    explicit plan(fanin_plan *handle) noexcept : handle_(handle) {}

    static result<plan> open(fanin_plan_source source, text given, const plan_options &how) {
        if (const auto wrong = detail::invalid("source", given, "layout", text(how.layout), "rules", text(how.rules))) return *wrong;
        const fanin_plan_options raw = how.raw();
        fanin_plan *handle = nullptr;
        fanin_error failure;
        if (fanin_plan_open(&handle, source, given.raw(), &raw, &failure) != FANIN_STATUS_OK) return error(failure);
        return plan(handle);
    }

    std::unique_ptr<fanin_plan, close> handle_;
};

/// Resolves a scheme such as `mup(role=hidden, base_fan_in=256)` for a parameter of this shape.
inline result<fanin_parametrization> try_resolve_scheme(const shape &sizes, text scheme, text layout = "torch") {
    if (const auto wrong = detail::invalid("sizes", sizes, "scheme", scheme, "layout", layout)) return *wrong;
    fanin_parametrization found{};
    fanin_error failure;
    const fanin_status status = fanin_scheme_resolve(&found, sizes.data(), sizes.size(), layout.raw(), scheme.raw(), &failure);
    return detail::make_result(status, failure, found);
}

#if defined(__cpp_exceptions)
[[nodiscard]] inline fanin_parametrization resolve_scheme(const shape &sizes, text scheme, text layout = "torch") {
    return try_resolve_scheme(sizes, scheme, layout).value();
}
#endif

} // namespace fanin

#endif // FANIN_HPP
