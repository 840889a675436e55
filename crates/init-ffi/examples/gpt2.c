/* GPT-2 (124M) in one allocation, arranged as in llm.c, with the values of `fanin init --preset gpt2 --seed 42`.
 *
 *     cc gpt2.c -lfanin -o gpt2
 *     fanin init --preset gpt2 --seed 42 -o gpt2.safetensors
 *     ./gpt2 gpt2.safetensors
 *
 * A plan gives names, shapes and values, so no second file describes the model. With the name of a file, each tensor is
 * compared with it bit by bit. The linear layers are stored (in, out), as in the published checkpoint. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fanin.h>

enum { LAYERS = 12, KINDS = 16 };

/* The tensors of llm.c in its order; each kind has the layers one after the other. */
static const char *const names[KINDS] = {
    "wte.weight",           "wpe.weight",         "h.%d.ln_1.weight",       "h.%d.ln_1.bias",
    "h.%d.attn.c_attn.weight", "h.%d.attn.c_attn.bias", "h.%d.attn.c_proj.weight", "h.%d.attn.c_proj.bias",
    "h.%d.ln_2.weight",     "h.%d.ln_2.bias",     "h.%d.mlp.c_fc.weight",   "h.%d.mlp.c_fc.bias",
    "h.%d.mlp.c_proj.weight", "h.%d.mlp.c_proj.bias", "ln_f.weight",        "ln_f.bias"};

static fanin_error error;

static void check(fanin_status status)
{
    if (status != FANIN_STATUS_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
}

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "%s: %s\n", name, what);
    exit(1);
}

/* The same values without a plan. The standard deviation is a double: printed with %g into a text it would lose digits,
 * and the 24 projections into the residual stream would differ. */
static void fill_by_hand(float *dst, size_t len, const char *name)
{
    const size_t length = strlen(name);
    const int weight = length > 7 && strcmp(name + length - 7, ".weight") == 0;
    fanin_distribution values = fanin_normal(0, 0.02);
    if (!weight) {
        values = fanin_constant(0);
    } else if (strstr(name, "ln_") != NULL) {
        values = fanin_constant(1);
    } else if (strstr(name, "c_proj") != NULL) {
        values = fanin_normal(0, 0.02 / sqrt(2.0 * (double)LAYERS));
    }
    check(fanin_fill(dst, FANIN_DTYPE_F32, len, values, fanin_stream_child(fanin_stream_new(42), name), NULL, &error));
}

/* A safetensors file: the length of its header in 8 bytes, the header in JSON, the values. */
typedef struct {
    FILE *file;
    char *header;
    uint64_t length;
} model_file;

static model_file open_file(const char *path)
{
    model_file model = {fopen(path, "rb"), NULL, 0};
    unsigned char bytes[8];
    int i;
    if (model.file == NULL || fread(bytes, 1, 8, model.file) != 8) fail("cannot be read", path);
    for (i = 7; i >= 0; i--) model.length = model.length << 8 | bytes[i];
    if (model.length > 100000000) fail("is not a safetensors file", path);
    model.header = (char *)malloc((size_t)model.length + 1);
    if (model.header == NULL) fail("out of memory", path);
    if (fread(model.header, 1, (size_t)model.length, model.file) != model.length) fail("is truncated", path);
    model.header[model.length] = 0;
    return model;
}

/* Reads the values of a tensor. */
static void read_tensor(model_file *model, const char *name, float *dst, size_t len)
{
    char key[80];
    const char *entry;
    unsigned long long begin = 0, end = 0;
    snprintf(key, sizeof key, "\"%s\":{", name);
    entry = strstr(model->header, key);
    entry = entry == NULL ? NULL : strstr(entry, "\"data_offsets\":[");
    if (entry == NULL || sscanf(entry, "\"data_offsets\":[%llu,%llu]", &begin, &end) != 2) fail("is not in the file", name);
    if (end - begin != len * sizeof *dst) fail("has another size in the file", name);
    if (fseek(model->file, (long)(8 + model->length + begin), SEEK_SET) != 0 || fread(dst, sizeof *dst, len, model->file) != len) {
        fail("cannot be read", name);
    }
}

int main(int argc, char **argv)
{
    fanin_plan_options options = fanin_plan_options_default();
    fanin_plan *plan;
    fanin_parameter parameter;
    size_t total, largest = 0, filled = 0, index;
    int kind, layer, tensors = 0;
    float *arena, *other;
    model_file model = {NULL, NULL, 0};

    options.has_seed = 1;
    options.seed = 42;
    check(fanin_plan_open(&plan, FANIN_PLAN_SOURCE_PRESET, "gpt2", &options, &error));
    for (index = 0; index < fanin_plan_len(plan); index++) {
        check(fanin_plan_parameter(&parameter, plan, index, &error));
        if (parameter.elements > largest) largest = parameter.elements;
    }
    total = (size_t)fanin_plan_elements(plan);
    arena = (float *)malloc(total * sizeof *arena);
    other = (float *)malloc(largest * sizeof *other);
    if (arena == NULL || other == NULL) fail("out of memory", "the arena");
    if (argc > 1) model = open_file(argv[1]);

    for (kind = 0; kind < KINDS; kind++) {
        for (layer = 0; layer < (strchr(names[kind], '%') == NULL ? 1 : LAYERS); layer++) {
            char name[64];
            float *const dst = arena + filled;
            if (strchr(names[kind], '%') == NULL) {
                snprintf(name, sizeof name, "%s", names[kind]);
            } else {
                const char *const rest = strchr(names[kind], '%') + 2;
                snprintf(name, sizeof name, "h.%d%s", layer, rest);
            }
            check(fanin_plan_find(&index, plan, name, &error));
            check(fanin_plan_parameter(&parameter, plan, index, &error));
            check(fanin_plan_fill(dst, FANIN_DTYPE_F32, parameter.elements, plan, index, NULL, &error));
            fill_by_hand(other, parameter.elements, name);
            if (memcmp(dst, other, parameter.elements * sizeof *dst) != 0) fail("differs without the plan", name);
            if (model.file != NULL) {
                read_tensor(&model, name, other, parameter.elements);
                if (memcmp(dst, other, parameter.elements * sizeof *dst) != 0) fail("differs from the file", name);
            }
            filled += parameter.elements;
            tensors++;
        }
    }
    if (filled != total || (size_t)tensors != fanin_plan_len(plan)) fail("has parameters that llm.c has not", "the plan");
    printf("%d tensors, %lu values%s\n", tensors, (unsigned long)filled,
           model.file == NULL ? "" : ", bit for bit those of the file");
    if (model.file != NULL) fclose(model.file);
    free(model.header);
    free(other);
    free(arena);
    fanin_plan_close(plan);
    return 0;
}
