// Weights in Eigen's matrices, which are column-major by default: the sizes reversed with the layout "jax" are those of
// W(out, in). Checks the fans, that orthogonal rows are orthogonal, that the spread is He's, and that a block and a row are
// filled without touching the rest.
//
//     c++ -std=c++17 -O2 eigen.cpp $(pkg-config --cflags --libs eigen3 fanin) && ./a.out

#include <cmath>
#include <cstdio>

#include <Eigen/Dense>

#include <fanin.hpp>

// Eigen's 16-bit types have the bits of the dtypes.
template <> struct fanin::dtype_of<Eigen::half> : std::integral_constant<fanin_dtype, FANIN_DTYPE_F16> {};
template <> struct fanin::dtype_of<Eigen::bfloat16> : std::integral_constant<fanin_dtype, FANIN_DTYPE_BF16> {};

namespace {

int failures = 0;

void check(bool fine, const char *what) {
    std::printf("%-64s %s\n", what, fine ? "yes" : "NO");
    failures += !fine;
}

// The sizes of a column-major matrix, reversed.
fanin::shape reversed(Eigen::Index rows, Eigen::Index columns) { return {columns, rows}; }

} // namespace

int main() {
    try {
        const fanin::stream model(42);

        // y = W x, W(out, in).
        Eigen::MatrixXf weight(64, 96);
        const fanin::shape sizes = reversed(weight.rows(), weight.cols());
        check(fanin::fans(sizes, "jax").fan_in == 96 && fanin::fans(sizes, "jax").fan_out == 64, "fan_in is the number of columns");

        fanin::init(weight, sizes, "orthogonal", model.child("weight"), "jax");
        check((weight * weight.transpose()).isIdentity(1e-5f), "the rows of W(64, 96) are orthonormal");
        Eigen::MatrixXf tall(96, 64);
        fanin::init(tall, reversed(96, 64), "orthogonal", model.child("tall"), "jax");
        check((tall.transpose() * tall).isIdentity(1e-5f), "the columns of W(96, 64) are orthonormal");

        Eigen::MatrixXd hidden(256, 784);
        fanin::init(hidden, reversed(256, 784), "kaiming_normal(nonlinearity=relu)", model.child("hidden"), "jax");
        const double std = std::sqrt(hidden.squaredNorm() / static_cast<double>(hidden.size()));
        check(std::abs(std / std::sqrt(2.0 / 784) - 1) < 0.01, "kaiming_normal of W(256, 784) has std sqrt(2 / 784)");

        // y = xᵀ W, W(in, out): the sizes reversed with "torch".
        Eigen::MatrixXf input_first(96, 64);
        check(fanin::fans(reversed(96, 64), "torch").fan_in == 96, "fan_in of W(in, out) is the number of rows");
        fanin::init(input_first, reversed(96, 64), "orthogonal", model.child("input_first"), "torch");
        check((input_first.transpose() * input_first).isIdentity(1e-5f), "the columns of W(in, out) are orthonormal");

        // A row-major matrix keeps the order of its sizes.
        Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> row_major(64, 96);
        fanin::init(row_major, {row_major.rows(), row_major.cols()}, "orthogonal", model.child("weight"));
        check((row_major * row_major.transpose()).isIdentity(1e-5f), "the rows of a row-major W(64, 96) are orthonormal");

        // Blocks, rows and diagonals have gaps between their elements. Only their own elements change.
        Eigen::MatrixXf large = Eigen::MatrixXf::Constant(8, 9, 7);
        fanin::init(large.block(2, 3, 4, 5), reversed(4, 5), "orthogonal", model.child("block"), "jax");
        const Eigen::MatrixXf block = large.block(2, 3, 4, 5);
        check((block * block.transpose()).isIdentity(1e-5f), "the rows of a block are orthonormal");
        check((large.array() == 7).count() == 8 * 9 - 4 * 5, "nothing next to the block has changed");
        large.setConstant(7);
        fanin::fill(large.row(1), fanin::constant(1), model);
        fanin::fill(large.diagonal(), fanin::constant(2), model);
        check((large.array() == 1).count() == 8 && (large.row(1).array() == 1).count() == 8
                  && (large.diagonal().array() == 2).all() && (large.array() == 7).count() == 8 * 9 - 8 - 8,
              "a row and a diagonal are filled, and nothing else");

        Eigen::Matrix<Eigen::half, Eigen::Dynamic, Eigen::Dynamic> half(64, 96);
        Eigen::Matrix<Eigen::bfloat16, Eigen::Dynamic, 1> bias(64);
        fanin::init(half, sizes, "orthogonal", model.child("weight"), "jax");
        fanin::fill(bias, fanin::constant(0.5), model);
        check((half.cast<float>() - weight).cwiseAbs().maxCoeff() < 1e-3f, "binary16 has the values of f32, rounded");
        check((bias.cast<float>().array() == 0.5f).all(), "bfloat16 is filled");
        return failures == 0 ? 0 : 1;
    } catch (const fanin::error &failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}
