// What an optimiser step is asked to do: flat vectors and factors; null vectors are not used.
#pragma once

namespace gatecast {

template <class T>
struct AdamStep {
  T* parameters;
  const T* gradients;
  T *first, *second;
  long count;
  T scale;         // on the gradients: clipping
  T decay;         // L2 share of the parameters in the gradient (Adam)
  T shrink;        // factor on the parameters (AdamW)
  T rate1;         // 1 - β1
  T beta2, rate2;  // β2, 1 - β2
  T step;          // learning rate / (1 - β1ᵗ)
  T correction2;   // √(1 - β2ᵗ)
  T epsilon;
};

template <class T>
struct SgdStep {
  T* parameters;
  const T* gradients;
  T* velocity;
  long count;
  T scale, decay, momentum, fresh, rate;  // fresh: share of the gradient in the velocity
  bool nesterov;
};

template <class T>
struct RmspropStep {
  T* parameters;
  const T* gradients;
  T *square, *mean, *velocity;
  long count;
  T scale, decay, alpha, momentum, epsilon, rate;
};

// x (N, I), weight (O, I), bias (O,): y = x Wᵀ + b, and its gradients.
template <class T>
struct Linear {
  long rows, inputs, outputs;
  const T *x, *weight, *bias;
  T* y;
  const T* dy;
  T *dx, *dweight, *dbias;
  bool add;
};

}  // namespace gatecast
