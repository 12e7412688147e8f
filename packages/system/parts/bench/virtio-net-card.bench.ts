import { benchCard } from './card-bench.ts';

benchCard('virtio-net', 'virtio-net');
