export {
  createMoleculerServiceSchema,
  type MoleculerChannel,
  type MoleculerDoorOptions,
} from './moleculer-service-schema.ts'
