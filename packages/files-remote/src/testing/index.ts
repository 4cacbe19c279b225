export type { ContractCheck } from './contract-kit.ts'
export {
  type StorageProviderContractOptions,
  storageProviderContract,
} from './storage-provider-contract.ts'
