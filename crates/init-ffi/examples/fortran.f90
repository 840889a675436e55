! Weights in Fortran's arrays, which are column-major: the sizes reversed, with the layout that names the axes in that
! order. Checks the fans, and that the filters of a linear layer and of two convolutions are orthonormal.
!
!     gfortran fortran.f90 -lfanin && ./a.out

module fanin
    use, intrinsic :: iso_c_binding
    implicit none

    integer(c_int32_t), parameter :: FANIN_STATUS_OK = 0
    integer(c_int32_t), parameter :: FANIN_DTYPE_F32 = 101
    integer(c_int32_t), parameter :: FANIN_DTYPE_F64 = 102

    type, bind(c) :: fanin_stream
        integer(c_int64_t) :: k0, k1
    end type
    type, bind(c) :: fanin_fans
        real(c_double) :: fan_in, fan_out
    end type
    type, bind(c) :: fanin_error
        integer(c_int32_t) :: status, length
        character(kind=c_char) :: message(1016)
    end type

    interface
        function fanin_stream_new(seed) bind(c) result(stream)
            import :: fanin_stream, c_int64_t
            integer(c_int64_t), value :: seed
            type(fanin_stream) :: stream
        end function
        function fanin_stream_child(stream, name) bind(c) result(child)
            import :: fanin_stream, c_char
            type(fanin_stream), value :: stream
            character(kind=c_char), intent(in) :: name(*)
            type(fanin_stream) :: child
        end function
        function fanin_fans_of(fans, shape, ndim, layout, error) bind(c) result(status)
            import :: fanin_fans, fanin_error, c_char, c_int32_t, c_size_t
            type(fanin_fans), intent(out) :: fans
            integer(c_size_t), intent(in) :: shape(*)
            integer(c_size_t), value :: ndim
            character(kind=c_char), intent(in) :: layout(*)
            type(fanin_error), intent(inout) :: error
            integer(c_int32_t) :: status
        end function
        ! options is a pointer that may be NULL.
        function fanin_init_with(dst, dtype, shape, ndim, layout, initializer, stream, options, error) bind(c) result(status)
            import :: fanin_stream, fanin_error, c_char, c_int32_t, c_size_t, c_ptr
            type(c_ptr), value :: dst
            integer(c_int32_t), value :: dtype
            integer(c_size_t), intent(in) :: shape(*)
            integer(c_size_t), value :: ndim
            character(kind=c_char), intent(in) :: layout(*), initializer(*)
            type(fanin_stream), value :: stream
            type(c_ptr), value :: options
            type(fanin_error), intent(inout) :: error
            integer(c_int32_t) :: status
        end function
    end interface

contains

    ! The sizes of a Fortran array as libfanin takes them.
    pure function reversed(sizes)
        integer, intent(in) :: sizes(:)
        integer(c_size_t) :: reversed(size(sizes))
        reversed = int(sizes(size(sizes):1:-1), c_size_t)
    end function

    subroutine check_status(status, error)
        integer(c_int32_t), intent(in) :: status
        type(fanin_error), intent(in) :: error
        if (status == FANIN_STATUS_OK) return
        print *, error%message(1:error%length)
        error stop 1
    end subroutine
end module

program example
    use fanin
    implicit none

    integer :: failures = 0
    type(fanin_stream) :: model
    type(fanin_error) :: error
    type(fanin_fans) :: fans
    real(c_float), target :: weight(64, 96), input_first(96, 64)
    real(c_double), target :: torch(12, 5, 3, 2), flux(2, 3, 5, 12)

    model = fanin_stream_new(42_c_int64_t)

    ! y = W x, weight(out, in).
    call check_status(fanin_fans_of(fans, reversed(shape(weight)), 2_c_size_t, "jax" // c_null_char, error), error)
    call check(fans%fan_in == 96 .and. fans%fan_out == 64, "fan_in of weight(out, in) is the second size")
    call check_status(fanin_init_with(c_loc(weight), FANIN_DTYPE_F32, reversed(shape(weight)), 2_c_size_t, "jax" // c_null_char, &
        "orthogonal" // c_null_char, fanin_stream_child(model, "weight" // c_null_char), c_null_ptr, error), error)
    call check(is_identity(real(matmul(weight, transpose(weight)), c_double), 1e-5_c_double), &
        "rows of weight(out, in) are orthonormal")

    ! y = x W, weight(in, out).
    call check_status(fanin_fans_of(fans, reversed(shape(input_first)), 2_c_size_t, "torch" // c_null_char, error), error)
    call check(fans%fan_in == 96 .and. fans%fan_out == 64, "fan_in of weight(in, out) is the first size")
    call check_status(fanin_init_with(c_loc(input_first), FANIN_DTYPE_F32, reversed(shape(input_first)), 2_c_size_t, &
        "torch" // c_null_char, "orthogonal" // c_null_char, fanin_stream_child(model, "weight" // c_null_char), c_null_ptr, &
        error), error)
    call check(is_identity(real(matmul(transpose(input_first), input_first), c_double), 1e-5_c_double), &
        "columns of weight(in, out) are orthonormal")

    ! A convolution with PyTorch's indices, kernel(out, in, height, width).
    call check_status(fanin_fans_of(fans, reversed(shape(torch)), 4_c_size_t, "jax" // c_null_char, error), error)
    call check(fans%fan_in == 5 * 3 * 2 .and. fans%fan_out == 12 * 3 * 2, "fans of kernel(out, in, height, width)")
    call check_status(fanin_init_with(c_loc(torch), FANIN_DTYPE_F64, reversed(shape(torch)), 4_c_size_t, "jax" // c_null_char, &
        "orthogonal" // c_null_char, fanin_stream_child(model, "torch" // c_null_char), c_null_ptr, error), error)
    block
        real(c_double) :: filters(12, 30)
        filters = reshape(torch, shape(filters))
        call check(is_identity(matmul(filters, transpose(filters)), 1e-12_c_double), "filters kernel(o, :, :, :) are orthonormal")
    end block

    ! A convolution with the indices of Julia's Flux and of MATLAB, kernel(width, height, in, out).
    call check_status(fanin_fans_of(fans, reversed(shape(flux)), 4_c_size_t, "torch" // c_null_char, error), error)
    call check(fans%fan_in == 5 * 3 * 2 .and. fans%fan_out == 12 * 3 * 2, "fans of kernel(width, height, in, out)")
    call check_status(fanin_init_with(c_loc(flux), FANIN_DTYPE_F64, reversed(shape(flux)), 4_c_size_t, "torch" // c_null_char, &
        "orthogonal" // c_null_char, fanin_stream_child(model, "flux" // c_null_char), c_null_ptr, error), error)
    block
        real(c_double) :: filters(30, 12)
        filters = reshape(flux, shape(filters))
        call check(is_identity(matmul(transpose(filters), filters), 1e-12_c_double), "filters kernel(:, :, :, o) are orthonormal")
    end block

    if (failures > 0) error stop 1

contains

    subroutine check(fine, what)
        logical, intent(in) :: fine
        character(*), intent(in) :: what
        print "(a, t56, a)", what, merge("yes", "NO ", fine)
        if (.not. fine) failures = failures + 1
    end subroutine

    function is_identity(matrix, tolerance)
        real(c_double), intent(in) :: matrix(:, :), tolerance
        logical :: is_identity
        integer :: i
        real(c_double) :: difference(size(matrix, 1), size(matrix, 2))
        difference = matrix
        do i = 1, size(matrix, 1)
            difference(i, i) = difference(i, i) - 1
        end do
        is_identity = maxval(abs(difference)) < tolerance
    end function
end program
