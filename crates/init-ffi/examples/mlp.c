/* A multilayer perceptron 784-256-10, initialised with one call per layer. It shows the effect: with He's
 * initialisation a signal that enters with variance 1 reaches the logits with a variance near 1.
 *
 *     cc mlp.c -lfanin -lm && ./a.out
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <fanin.h>

enum { INPUT = 784, HIDDEN = 256, CLASSES = 10, BATCH = 512 };

static float hidden_weight[HIDDEN * INPUT], hidden[BATCH * HIDDEN];
static float output_weight[CLASSES * HIDDEN], logits[BATCH * CLASSES];
static float images[BATCH * INPUT];

static void check(fanin_status status, const char *what)
{
    if (status != FANIN_STATUS_OK) {
        fprintf(stderr, "%s: %s\n", what, fanin_status_string(status));
        exit(1);
    }
}

/* y = x Wᵀ, with W (out, in) as in PyTorch. */
static void linear(const float *x, const float *weight, float *y, size_t in, size_t out)
{
    size_t row, i, j;
    for (row = 0; row < BATCH; row++) {
        for (j = 0; j < out; j++) {
            float sum = 0;
            for (i = 0; i < in; i++) sum += x[row * in + i] * weight[j * in + i];
            y[row * out + j] = sum;
        }
    }
}

static double variance(const float *x, size_t len)
{
    double sum = 0, squares = 0;
    size_t i;
    for (i = 0; i < len; i++) {
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
    }
    return squares / (double)len - sum / (double)len * (sum / (double)len);
}

int main(void)
{
    const fanin_stream model = fanin_stream_new(42);
    const size_t hidden_shape[2] = {HIDDEN, INPUT}, output_shape[2] = {CLASSES, HIDDEN};
    double before, after;
    size_t i;

    check(fanin_kaiming_normal_f32(hidden_weight, hidden_shape, 2, 0, FANIN_MODE_FAN_IN, FANIN_NONLINEARITY_LINEAR,
                                   fanin_stream_child(model, "hidden.weight")),
          "hidden.weight");
    check(fanin_kaiming_normal_f32(output_weight, output_shape, 2, 0, FANIN_MODE_FAN_IN, FANIN_NONLINEARITY_RELU,
                                   fanin_stream_child(model, "output.weight")),
          "output.weight");

    /* Standard normal values in place of standardised images. */
    check(fanin_fill_f32(images, BATCH * INPUT, fanin_normal(0, 1), fanin_stream_child(model, "images")), "images");

    linear(images, hidden_weight, hidden, INPUT, HIDDEN);
    before = variance(hidden, BATCH * HIDDEN);
    for (i = 0; i < BATCH * HIDDEN; i++) hidden[i] = fmaxf(hidden[i], 0);
    linear(hidden, output_weight, logits, HIDDEN, CLASSES);
    after = variance(logits, BATCH * CLASSES);

    printf("hidden.weight[0] = %.9g, output.weight[0] = %.9g\n", (double)hidden_weight[0], (double)output_weight[0]);
    printf("variance: images %.3f, hidden %.3f, logits %.3f\n", variance(images, BATCH * INPUT), before, after);
    return before > 0.8 && before < 1.2 && after > 0.5 && after < 1.7 ? 0 : 1;
}
