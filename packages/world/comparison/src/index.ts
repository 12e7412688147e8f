export {
  COMPARISON_FORMAT,
  type Comparison,
  type ComponentShape,
  type Conclusion,
  type ConnectionShape,
  type DomainShape,
  type PerRequest,
  type Sweep,
  type Swing,
  type SystemResult,
} from './result.ts';
