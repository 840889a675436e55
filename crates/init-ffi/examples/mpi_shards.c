/* Every rank initialises its columns of one matrix and writes them into one file with MPI-IO. No rank has the
 * whole matrix, the ranks do not communicate, and the file has the same bytes for any number of ranks.
 *
 *     mpicc mpi_shards.c -lfanin && mpirun -n 4 ./a.out matrix.f32
 */

#include <stdio.h>
#include <stdlib.h>

#include <mpi.h>

#include <fanin.h>

enum { ROWS = 1536, COLUMNS = 1031 }; /* a prime, so that the ranks have different shares */

static void stop(const char *what)
{
    fprintf(stderr, "%s\n", what);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

int main(int argc, char **argv)
{
    static const char *const initializers[2] = {"xavier_uniform", "orthogonal"};
    int rank, ranks, number;
    if (MPI_Init(&argc, &argv) != MPI_SUCCESS) return 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (argc != 2) stop("usage: mpi_shards FILE");

    {
        const size_t global[2] = {ROWS, COLUMNS};
        const size_t first = (size_t)COLUMNS * (size_t)rank / (size_t)ranks;
        const size_t last = (size_t)COLUMNS * (size_t)(rank + 1) / (size_t)ranks;
        const size_t offsets[2] = {0, first}, local[2] = {ROWS, last - first};
        const size_t len = local[0] * local[1];
        const int sizes[2] = {ROWS, COLUMNS}, subsizes[2] = {ROWS, (int)local[1]}, starts[2] = {0, (int)first};
        float *mine = (float *)malloc(len * sizeof(float));
        MPI_Datatype part;
        MPI_File file;
        if (mine == NULL) stop("out of memory");
        MPI_Type_create_subarray(2, sizes, subsizes, starts, MPI_ORDER_C, MPI_FLOAT, &part);
        MPI_Type_commit(&part);
        if (MPI_File_open(MPI_COMM_WORLD, argv[1], MPI_MODE_CREATE | MPI_MODE_WRONLY, MPI_INFO_NULL, &file) != MPI_SUCCESS) {
            stop("cannot open the file");
        }
        /* Two matrices, one after the other: independent elements, and a matrix whose columns depend on each other. */
        for (number = 0; number < 2; number++) {
            const MPI_Offset start = (MPI_Offset)number * ROWS * COLUMNS * (MPI_Offset)sizeof(float);
            const fanin_stream stream = fanin_stream_child(fanin_stream_new(42), initializers[number]);
            fanin_error error;
            if (fanin_init_shard(mine, FANIN_DTYPE_F32, len, global, offsets, local, 2, "torch", initializers[number], stream, NULL,
                                 &error)
                != FANIN_STATUS_OK) {
                stop(error.message);
            }
            MPI_File_set_view(file, start, MPI_FLOAT, part, "native", MPI_INFO_NULL);
            if (MPI_File_write_all(file, mine, (int)len, MPI_FLOAT, MPI_STATUS_IGNORE) != MPI_SUCCESS) {
                stop("cannot write the file");
            }
        }
        MPI_File_close(&file);
        MPI_Type_free(&part);
        free(mine);
        printf("rank %d of %d: columns %zu to %zu\n", rank, ranks, first, last);
    }
    MPI_Finalize();
    return 0;
}
