/* Weights in tensors of ggml, whose sizes `ne` are reversed: ne[0] varies fastest and is the number of inputs. Checks the
 * fans, that the rows of a matrix in binary16 are orthonormal, and that trailing sizes of 1 do not turn a linear layer into a
 * convolution.
 *
 *     cc ggml.c -lfanin -lm && ./a.out
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fanin.h>

/* What this example needs of ggml.h, which is not included: GGML_MAX_DIMS, the types and the tensor. */
enum { GGML_MAX_DIMS = 4 };
enum ggml_type { GGML_TYPE_F32 = 0, GGML_TYPE_F16 = 1 };
struct ggml_tensor {
    enum ggml_type type;
    int64_t ne[GGML_MAX_DIMS]; /* number of elements */
    size_t nb[GGML_MAX_DIMS];  /* stride in bytes */
    void *data;
    char name[64];
};

static int failures = 0;

static void check(int fine, const char *what)
{
    printf("%-72s %s\n", what, fine ? "yes" : "NO");
    failures += !fine;
}

/* Writes the sizes in libfanin's order and returns their number, or 0 if the tensor is not contiguous or has more dimensions
 * than `ndim`.
 *
 * Every tensor of ggml has four sizes, and those that it does not need are 1. The caller says how many it means: 2 for a
 * linear layer, 4 for a two-dimensional convolution {width, height, in, out}. With four of them a linear layer {in, out, 1, 1}
 * would be a convolution with one input, one output and a kernel of the size of the matrix. */
static size_t sizes_of(const struct ggml_tensor *tensor, size_t ndim, size_t *sizes)
{
    size_t stride = tensor->type == GGML_TYPE_F16 ? 2 : 4, axis;
    for (axis = 0; axis < GGML_MAX_DIMS; axis++) {
        if (tensor->ne[axis] < 1 || (tensor->ne[axis] > 1 && tensor->nb[axis] != stride)) return 0;
        if (axis >= ndim && tensor->ne[axis] != 1) return 0;
        stride *= (size_t)tensor->ne[axis];
    }
    for (axis = 0; axis < ndim; axis++) sizes[axis] = (size_t)tensor->ne[ndim - 1 - axis];
    return ndim;
}

/* Initialises a tensor of `ndim` dimensions. The sizes are reversed, and so the layout is PyTorch's (out, in, height, width). */
static fanin_status init(struct ggml_tensor *tensor, size_t ndim, const char *initializer, fanin_stream model, fanin_error *error)
{
    const fanin_dtype dtype = tensor->type == GGML_TYPE_F16 ? FANIN_DTYPE_F16 : FANIN_DTYPE_F32;
    size_t sizes[GGML_MAX_DIMS];
    if (sizes_of(tensor, ndim, sizes) == 0) {
        snprintf(error->message, sizeof error->message, "%s is not contiguous, or has more than %zu dimensions", tensor->name, ndim);
        return error->status = FANIN_STATUS_INVALID_SHAPE;
    }
    return fanin_init_with(tensor->data, dtype, sizes, ndim, "torch", initializer, fanin_stream_child(model, tensor->name), NULL,
                           error);
}

/* Makes a tensor as ggml_new_tensor_4d does. */
static struct ggml_tensor tensor_of(const char *name, enum ggml_type type, int64_t ne0, int64_t ne1, int64_t ne2, int64_t ne3)
{
    struct ggml_tensor tensor;
    const int64_t ne[GGML_MAX_DIMS] = {ne0, ne1, ne2, ne3};
    size_t stride = type == GGML_TYPE_F16 ? 2 : 4, axis;
    memset(&tensor, 0, sizeof tensor);
    tensor.type = type;
    for (axis = 0; axis < GGML_MAX_DIMS; axis++) {
        tensor.ne[axis] = ne[axis];
        tensor.nb[axis] = stride;
        stride *= (size_t)ne[axis];
    }
    tensor.data = malloc(stride);
    snprintf(tensor.name, sizeof tensor.name, "%s", name);
    if (tensor.data == NULL) exit(2);
    return tensor;
}

/* The value of a finite binary16. */
static double f16_value(uint16_t bits)
{
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double magnitude = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -magnitude : magnitude;
}

/* The largest deviation of the products of two rows of `in` elements from 1 and 0. */
static double deviation(const struct ggml_tensor *tensor, size_t in, size_t out)
{
    const uint16_t *values = (const uint16_t *)tensor->data;
    double largest = 0;
    size_t i, j, k;
    for (i = 0; i < out; i++) {
        for (j = 0; j <= i; j++) {
            double sum = i == j ? -1 : 0;
            for (k = 0; k < in; k++) sum += f16_value(values[i * in + k]) * f16_value(values[j * in + k]);
            largest = fmax(largest, fabs(sum));
        }
    }
    return largest;
}

static int fans_are(const struct ggml_tensor *tensor, size_t ndim, double fan_in, double fan_out)
{
    size_t sizes[GGML_MAX_DIMS];
    fanin_fans fans;
    if (sizes_of(tensor, ndim, sizes) == 0 || fanin_fans_of(&fans, sizes, ndim, "torch", NULL) != FANIN_STATUS_OK) return 0;
    return fabs(fans.fan_in - fan_in) < 0.5 && fabs(fans.fan_out - fan_out) < 0.5;
}

int main(void)
{
    const fanin_stream model = fanin_stream_new(42);
    /* ggml_new_tensor_2d(ctx, GGML_TYPE_F16, 128, 48): 128 inputs, 48 outputs. */
    struct ggml_tensor linear = tensor_of("blk.0.ffn_up.weight", GGML_TYPE_F16, 128, 48, 1, 1);
    struct ggml_tensor kernel = tensor_of("v.patch_embd.weight", GGML_TYPE_F16, 5, 7, 3, 16);
    struct ggml_tensor bias = tensor_of("blk.0.ffn_up.bias", GGML_TYPE_F32, 48, 1, 1, 1);
    struct ggml_tensor transposed = linear;
    fanin_error error;

    check(fans_are(&linear, 2, 128, 48), "a linear layer {in, out, 1, 1} has the fans in and out");
    check(init(&linear, 2, "orthogonal", model, &error) == FANIN_STATUS_OK && deviation(&linear, 128, 48) < 2e-3,
          "its rows in binary16 are orthonormal");
    check(fans_are(&kernel, 4, 3 * 5 * 7, 16 * 5 * 7), "a convolution {width, height, in, out} has its fans");
    check(init(&kernel, 4, "orthogonal", model, &error) == FANIN_STATUS_OK && deviation(&kernel, 3 * 5 * 7, 16) < 2e-3,
          "its filters are orthonormal");
    check(init(&bias, 1, "zeros", model, &error) == FANIN_STATUS_OK && !(((float *)bias.data)[47] > 0), "a bias is filled");

    check(init(&kernel, 2, "xavier_uniform", model, &error) == FANIN_STATUS_INVALID_SHAPE, "a convolution is refused as a linear layer");
    check(init(&bias, 1, "xavier_uniform", model, &error) != FANIN_STATUS_OK, "a bias has no fans, and xavier_uniform is refused");
    /* ggml_transpose swaps the sizes and the strides. */
    transposed.ne[0] = 48, transposed.ne[1] = 128;
    transposed.nb[0] = linear.nb[1], transposed.nb[1] = linear.nb[0];
    check(init(&transposed, 2, "orthogonal", model, &error) == FANIN_STATUS_INVALID_SHAPE, "a transposed view is refused");

    free(linear.data);
    free(kernel.data);
    free(bias.data);
    return failures == 0 ? 0 : 1;
}
