/* Column-major arrays: their sizes reversed, with the layout that names the axes in that order, give the fans of the
 * layer and filters that are orthonormal, indexed as Fortran, MATLAB, Julia and Eigen do. */

#include <math.h>

#include "check.h"

/* One layer as a caller thinks of it: its indices in the order of the column-major array. */
struct layer {
    size_t sizes[4];
    size_t ndim;
    /* The position of the outputs; of the inputs in a transposed convolution, whose slices are orthonormal in PyTorch. */
    size_t out;
    /* The layout of an array that is row-major and has the same indices, and the one of the reversed sizes. */
    const char *row_major, *reversed;
};

static const struct layer layers[] = {
    {{12, 30, 0, 0}, 2, 0, "torch", "jax"},                     /* W(out, in): Eigen, y = W x */
    {{30, 12, 0, 0}, 2, 0, "torch", "jax"},
    {{30, 12, 0, 0}, 2, 1, "jax", "torch"},                     /* W(in, out): y = x W */
    {{12, 30, 0, 0}, 2, 1, "keras", "torch"},
    {{12, 5, 3, 2}, 4, 0, "torch", "jax"},                      /* W(out, in, height, width) */
    {{3, 2, 5, 12}, 4, 3, "jax", "torch"},                      /* W(width, height, in, out): Flux, MATLAB */
    {{3, 5, 40, 0}, 3, 2, "jax", "torch"},
    {{12, 5, 3, 2}, 4, 0, "conv(torch, groups=4)", "conv(jax, groups=4)"},
    {{3, 2, 5, 12}, 4, 3, "conv(jax, groups=4)", "conv(torch, groups=4)"},
    {{5, 12, 3, 2}, 4, 0, "conv(torch, transposed)", "conv(keras, transposed)"},
    {{3, 2, 12, 5}, 4, 3, "conv(keras, transposed)", "conv(torch, transposed)"}, /* Flux, MATLAB: (…, out, in) */
    {{3, 2, 12, 5}, 4, 3, "conv(keras, transposed, stride=2)", "conv(torch, transposed, stride=2)"},
};

static struct layer reverse(struct layer layer)
{
    struct layer reversed = layer;
    size_t axis;
    for (axis = 0; axis < layer.ndim; axis++) reversed.sizes[axis] = layer.sizes[layer.ndim - 1 - axis];
    return reversed;
}

static size_t elements(struct layer layer)
{
    size_t len = 1, axis;
    for (axis = 0; axis < layer.ndim; axis++) len *= layer.sizes[axis];
    return len;
}

/* The largest deviation of the Gram matrix of the filters from the identity (of their transpose, if there are more filters
 * than elements in one), in a column-major array: the first index varies fastest. */
static double deviation(const double *values, struct layer layer)
{
    const size_t out = layer.sizes[layer.out], len = elements(layer), rest = len / out;
    size_t below = 1, axis, i, j, k;
    double *matrix = (double *)dirty(len * sizeof(double)), largest = 0;
    for (axis = 0; axis < layer.out; axis++) below *= layer.sizes[axis];
    for (i = 0; i < len; i++) {
        const size_t filter = i / below % out, element = i % below + i / (below * out) * below;
        matrix[out <= rest ? filter * rest + element : element * out + filter] = values[i];
    }
    {
        const size_t rows = out <= rest ? out : rest, columns = len / rows;
        for (i = 0; i < rows; i++) {
            for (j = 0; j < rows; j++) {
                double sum = i == j ? -1 : 0;
                for (k = 0; k < columns; k++) sum += matrix[i * columns + k] * matrix[j * columns + k];
                if (fabs(sum) > largest) largest = fabs(sum);
            }
        }
    }
    free(matrix);
    return largest;
}

int main(void)
{
    const fanin_stream stream = fanin_stream_new(42);
    size_t number;
    for (number = 0; number < sizeof layers / sizeof *layers; number++) {
        const struct layer layer = layers[number], reversed = reverse(layer);
        const size_t len = elements(layer);
        double *values = (double *)dirty(len * sizeof(double));
        fanin_fans expected, found;
        fanin_resolution one, other;
        FINE(fanin_fans_of(&expected, layer.sizes, layer.ndim, layer.row_major, NULL));
        FINE(fanin_fans_of(&found, reversed.sizes, layer.ndim, layer.reversed, NULL));
        CHECK(memcmp(&expected, &found, sizeof found) == 0);
        FINE(fanin_resolve(&one, layer.sizes, layer.ndim, layer.row_major, "kaiming_normal(mode=fan_out)", NULL));
        FINE(fanin_resolve(&other, reversed.sizes, layer.ndim, layer.reversed, "kaiming_normal(mode=fan_out)", NULL));
        CHECK(strcmp(one.text, other.text) == 0);

        FINE(fanin_init_with(values, FANIN_DTYPE_F64, reversed.sizes, layer.ndim, layer.reversed, "orthogonal", stream, NULL, NULL));
        CHECK(deviation(values, layer) < 1e-12);
        /* Without reversing, the values are those of another array, unless it is square. */
        FINE(fanin_init_with(values, FANIN_DTYPE_F64, layer.sizes, layer.ndim, layer.row_major, "orthogonal", stream, NULL, NULL));
        CHECK(deviation(values, layer) > 0.1);
        free(values);
    }
    return 0;
}
