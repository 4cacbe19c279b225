// Property tests repeat themselves: the same documents in every run. `pnpm soak` takes others.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.SOAK_SEED ?? 20_261_122) })
