export {
  createTracer,
  TRACE_FORMATS,
  type TraceFormat,
  type Tracer,
  type TracerOptions,
  traceFormatOf,
} from './tracer.ts';
