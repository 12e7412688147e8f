/** Traces, as files. */
import { type Tracer, traceFormatOf } from '@bulkhead/trace';
import { OutputFile } from './output/files.ts';

/** Writes what a tracer saw, in the format that the file's name asks for. */
export async function writeTrace(tracer: Tracer, path: string): Promise<void> {
  const file = new OutputFile(path);
  file.open();
  for (const text of tracer.finish(traceFormatOf(path))) file.write(text);
  await file.close();
}

/** One file a system: `trace.json` becomes `trace.monolithic.json`, unless there is one system alone. */
export function tracePathOf(path: string, system: string, isAlone: boolean): string {
  if (isAlone) return path;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.indexOf('.', 1);
  const at = dot < 0 ? path.length : path.length - name.length + dot;
  return `${path.slice(0, at)}.${system}${path.slice(at)}`;
}
