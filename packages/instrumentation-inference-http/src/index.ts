export { describeRemoteModel, type RemoteModelDescription } from './described-remote-models.ts';
export { type GrpcInterceptor, type OipInterceptorOptions, oipInterceptor } from './grpc/oip-interceptor.ts';
export { InferenceHttpInstrumentation, type InferenceHttpOptions } from './inference-http-instrumentation.ts';
export type { JsonPath } from './json-path.ts';
export type { PatternFile } from './pattern-file.ts';
export type { HttpPattern } from './protocols/user-pattern.ts';
export {
  type SagemakerMiddlewareOptions,
  type SagemakerPlugin,
  sagemakerMiddleware,
} from './sagemaker/sagemaker-middleware.ts';
