//! The rounds of MD5 (RFC 1321), of several independent inputs at once.
//!
//! Each step of MD5 waits for the one before it, so that one input alone leaves most of a processor idle. The same
//! step of four inputs is one vector instruction: four take hardly longer than one.

/// The bytes of a block.
pub(super) const SIZE: usize = 64;

/// The state that an input begins with.
pub(super) const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// `abs(sin(step + 1)) * 2^32`, rounded down, of each step.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// By how many bits the steps of each round turn.
const TURNS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// A word of each input.
type Words<const N: usize> = [u32; N];

/// Takes the next block of each of `N` inputs into its state.
#[expect(
    clippy::indexing_slicing,
    reason = "indices are constants or run to the length"
)]
pub(super) fn compress<const N: usize>(mut states: [&mut [u32; 4]; N], blocks: [&[u8; SIZE]; N]) {
    let mut words = [[0; N]; SIZE / 4];
    for (input, block) in blocks.into_iter().enumerate() {
        let (parts, _) = block.as_chunks::<4>();
        for (words, part) in words.iter_mut().zip(parts) {
            words[input] = u32::from_le_bytes(*part);
        }
    }
    let mut state: [Words<N>; 4] =
        std::array::from_fn(|word| std::array::from_fn(|input| states[input][word]));
    macro_rules! steps {
        ($($step:literal)*) => { $( step::<$step, N>(&mut state, &words); )* };
    }
    steps!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    steps!(16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
    steps!(32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47);
    steps!(48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
    for (input, held) in states.iter_mut().enumerate() {
        for (word, held) in held.iter_mut().enumerate() {
            *held = held.wrapping_add(state[word][input]);
        }
    }
}

#[inline(always)]
#[expect(
    clippy::indexing_slicing,
    reason = "indices are constants or run to the length"
)]
fn step<const STEP: usize, const N: usize>(
    state: &mut [Words<N>; 4],
    words: &[Words<N>; SIZE / 4],
) {
    let round = STEP / 16;
    let word = match round {
        0 => STEP,
        1 => 5 * STEP + 1,
        2 => 3 * STEP + 5,
        _ => 7 * STEP,
    } % 16;
    let turn = TURNS[round][STEP % 4];
    let at = (64 - STEP) % 4;
    let [a, b, c, d] = [0, 1, 2, 3].map(|word| state[(at + word) % 4]);
    let mut next = [0; N];
    for input in 0..N {
        let (b, c, d) = (b[input], c[input], d[input]);
        let mixed = match round {
            0 => d ^ (b & (c ^ d)),
            // The two have no bit in common, and only one waits for the step before.
            1 => (c & !d).wrapping_add(b & d),
            2 => b ^ c ^ d,
            _ => c ^ (b | !d),
        };
        next[input] = a[input]
            .wrapping_add(words[word][input])
            .wrapping_add(SINES[STEP])
            .wrapping_add(mixed)
            .rotate_left(turn)
            .wrapping_add(b);
    }
    state[at] = next;
}
