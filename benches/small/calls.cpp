// Times small calls of libfanin next to what a program would write by hand, in turn, and prints one line per call:
// its name, the median in nanoseconds, and a hash of the values that it writes, which benches/small/run.sh compares
// with those that Rust writes.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include <fanin.h>

extern "C" void xorshift_uniform(float *dst, std::size_t len, float low, float high);

namespace {

constexpr std::size_t LEN = 64, LONGEST = 256;
constexpr int ROUNDS = 401, CALLS = 400;

float values[LONGEST];
std::size_t len = LEN;
const std::size_t shape[2] = {8, 8};
fanin_stream stream;
fanin_distribution uniform, normal;
std::minstd_rand minstd(42);
std::mt19937 twister(42);

void fine(fanin_status status)
{
    if (status != FANIN_STATUS_OK) {
        std::fprintf(stderr, "%s\n", fanin_status_string(status));
        std::exit(1);
    }
}

void fill_uniform() { fine(fanin_fill_f32(values, len, uniform, stream)); }
void fill_normal() { fine(fanin_fill_f32(values, len, normal, stream)); }
void xavier() { fine(fanin_xavier_uniform_f32(values, shape, 2, 1, stream)); }
void init(const char *text)
{
    fine(fanin_init(values, FANIN_DTYPE_F32, shape, 2, FANIN_LAYOUT_TORCH, text, stream, nullptr));
}
void text() { init("xavier_uniform"); }
void text_relu() { init("kaiming_uniform(nonlinearity=relu)"); }
void text_gelu() { init("kaiming_uniform(nonlinearity=exact(gelu))"); }
void child()
{
    const fanin_stream weight = fanin_stream_child(stream, "h.0.attn.c_attn.weight");
    fine(fanin_fill_f32(values, len, uniform, weight));
}
void by_hand_uniform() { xorshift_uniform(values, len, -0.1F, 0.1F); }
template <class Engine> void by_hand_normal(Engine &engine)
{
    std::normal_distribution<float> distribution(0.0F, 0.02F);
    for (std::size_t i = 0; i < len; i++) values[i] = distribution(engine);
}
void by_hand_minstd() { by_hand_normal(minstd); }
void by_hand_twister() { by_hand_normal(twister); }

struct Row {
    const char *name;
    void (*call)();
    std::size_t len;
    bool checked;
    std::vector<double> taken;
};

double measure(void (*call)())
{
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < CALLS; i++) call();
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
    return taken.count() / CALLS;
}

// FNV-1a of the bytes.
std::uint64_t hash(const float *from, std::size_t count)
{
    std::uint64_t hash = 0xCBF29CE484222325u;
    std::vector<unsigned char> bytes(count * sizeof *from);
    std::memcpy(bytes.data(), from, bytes.size());
    for (unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001B3u;
    return hash;
}

} // namespace

int main()
{
    stream = fanin_stream_new(42);
    uniform = fanin_uniform(-0.1, 0.1);
    normal = fanin_normal(0.0, 0.02);
    std::vector<Row> rows = {
        {"fill_uniform", fill_uniform, LEN, true, {}},
        {"fill_normal", fill_normal, LEN, true, {}},
        {"xavier", xavier, LEN, true, {}},
        {"text", text, LEN, true, {}},
        {"text_relu", text_relu, LEN, true, {}},
        {"text_gelu", text_gelu, LEN, true, {}},
        {"child", child, LEN, true, {}},
        {"xorshift_uniform", by_hand_uniform, LEN, false, {}},
        {"std_normal_minstd", by_hand_minstd, LEN, false, {}},
        {"std_normal_mt19937", by_hand_twister, LEN, false, {}},
    };
    for (std::size_t size : {16, 32, 40, 48, 96, 128, 256}) {
        rows.push_back({"fill_uniform", fill_uniform, size, true, {}});
        rows.push_back({"xorshift_uniform", by_hand_uniform, size, false, {}});
    }
    // In turn, so that other load affects all alike.
    for (int round = 0; round < ROUNDS; round++)
        for (Row &row : rows) {
            len = row.len;
            row.taken.push_back(measure(row.call));
        }
    for (Row &row : rows) {
        len = row.len;
        std::fill(std::begin(values), std::end(values), NAN);
        row.call();
        for (std::size_t i = 0; i < row.len; i++)
            if (!std::isfinite(values[i])) return 1;
        std::nth_element(row.taken.begin(), row.taken.begin() + ROUNDS / 2, row.taken.end());
        std::printf("%s %zu %.1f %016llx\n", row.name, row.len, row.taken[ROUNDS / 2],
                    row.checked ? static_cast<unsigned long long>(hash(values, row.len)) : 0ULL);
    }
    return 0;
}
