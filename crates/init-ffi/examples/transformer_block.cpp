// The tensors of a transformer block (GPT-2's, 768 wide) in bfloat16, each with its own initializer, and what each
// initializer resolves to.
//
//     c++ -std=c++17 transformer_block.cpp -lfanin && ./a.out

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fanin.hpp>

namespace {

struct parameter {
    std::string name;
    std::vector<std::size_t> shape;
    std::string initializer;
};

// GPT-2's linear layers are (in, out); in those that end a residual branch std is divided by √(2 · layers) = √24.
const std::vector<parameter> block = {
    {"ln_1.weight", {768}, "ones"},
    {"ln_1.bias", {768}, "zeros"},
    {"attn.c_attn.weight", {768, 2304}, "normal(0, 0.02)"},
    {"attn.c_attn.bias", {2304}, "zeros"},
    {"attn.c_proj.weight", {768, 768}, "normal(0, 0.0040824829)"},
    {"attn.c_proj.bias", {768}, "zeros"},
    {"ln_2.weight", {768}, "ones"},
    {"ln_2.bias", {768}, "zeros"},
    {"mlp.c_fc.weight", {768, 3072}, "normal(0, 0.02)"},
    {"mlp.c_fc.bias", {3072}, "zeros"},
    {"mlp.c_proj.weight", {3072, 768}, "normal(0, 0.0040824829)"},
    {"mlp.c_proj.bias", {768}, "zeros"},
};

} // namespace

int main() {
    try {
        const fanin::stream model(42);
        std::vector<std::pair<std::string, fanin::buffer<fanin::bf16>>> tensors;
        std::size_t total = 0;
        for (const auto &[name, shape, initializer] : block) {
            std::size_t size = 1;
            for (const std::size_t axis : shape) size *= axis;
            fanin::buffer<fanin::bf16> tensor(size);
            fanin::init(tensor, shape, initializer, model.child("h.0." + name), "jax");
            const fanin_resolution found = fanin::resolve(shape, initializer, "jax");
            std::printf("%-20s %8zu elements, std %-10g first 0x%04x\n", name.c_str(), size, found.std,
                        static_cast<unsigned>(tensor[0].bits));
            total += size;
            tensors.emplace_back(name, std::move(tensor));
        }
        std::printf("%zu parameters in %zu tensors\n", total, tensors.size());
        return total == 7087872 ? 0 : 1;
    } catch (const fanin::error &failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}
