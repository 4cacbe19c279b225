export type { ContractCheck } from './contract-check.ts'
export {
  type SegmentTargetContractOptions,
  segmentTargetContract,
} from './segment-target-contract.ts'
