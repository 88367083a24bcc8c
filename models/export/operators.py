"""Makes modules emit the ONNX operators that run well everywhere, instead of what the exporter would choose.

- `Linear`: `Gemm(transB=1)` on flattened tokens. The weight stays [out, in] as in the checkpoint; a `Transpose` of it
  would be computed at load and kept beside the original.
- attention: com.microsoft `MultiHeadAttention` with separate Q, K, V. Written out, the scores of Stable Diffusion at
  512x512 take 0.5 GB, more than a WebGPU binding may hold by default.
- CLIP's causal attention: written out, since `MultiHeadAttention` has no causal form on WebGPU, and 77x77 scores are
  small.
"""

import types
from collections.abc import Callable

import torch
import torch.onnx.ops
from diffusers.models.attention_processor import Attention
from diffusers.models.embeddings import AttentionPooling
from torch import Tensor, nn
from transformers.models.clip.modeling_clip import CLIPAttention, CLIPTextEmbeddings

MASKED = -10_000.0  # representable in float16, and exp(MASKED) is 0 in every float


def multi_head_attention(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """softmax(QKᵀ/√d)V for Q [batch, queries, heads·d], K and V [batch, keys, heads·d]; the shape of Q."""
    attrs = {"num_heads": heads}
    name = "com.microsoft::MultiHeadAttention"
    return torch.onnx.ops.symbolic(name, (q, k, v), attrs=attrs, dtype=q.dtype, shape=q.shape, version=1)


def linear(module: nn.Linear, x: Tensor) -> Tensor:
    """y = xWᵀ + b over the last dimension of x, whatever its rank."""
    tokens = x if x.dim() == 2 else x.reshape(-1, x.shape[-1])
    operands = (tokens, module.weight) if module.bias is None else (tokens, module.weight, module.bias)
    shape = (tokens.shape[0], module.out_features)
    y = torch.onnx.ops.symbolic("::Gemm", operands, attrs={"transB": 1}, dtype=x.dtype, shape=shape, version=13)
    return y if x.dim() == 2 else y.reshape(*x.shape[:-1], module.out_features)


class FusedAttention:
    """Processor for diffusers' `Attention` over tokens [batch, tokens, width] or pixels [batch, channels, h, w]."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        if attention_mask is not None or attn.spatial_norm is not None or attn.norm_cross or attn.norm_q is not None:
            raise NotImplementedError("attention with a mask or with norms of its own cannot be exported yet")
        normed = hidden_states if attn.group_norm is None else attn.group_norm(hidden_states)
        tokens = normed.flatten(2).transpose(1, 2) if hidden_states.dim() == 4 else normed
        context = tokens if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = attn.to_q(tokens), attn.to_k(context), attn.to_v(context)
        dtype = q.dtype
        if attn.upcast_attention:  # products of Stable Diffusion 2.1's queries and keys do not fit into float16
            q, k, v = q.float(), k.float(), v.float()
        out = attn.to_out[0](multi_head_attention(q, k, v, attn.heads).to(dtype))
        out = out.transpose(1, 2).reshape(hidden_states.shape) if hidden_states.dim() == 4 else out
        out = out + hidden_states if attn.residual_connection else out
        return out if attn.rescale_output_factor == 1 else out / attn.rescale_output_factor


def attention_pooling(module: AttentionPooling, x: Tensor) -> Tensor:
    """One vector [batch, width] for a text [batch, tokens, width]: its mean asks, the mean and the tokens answer."""
    mean = x.mean(dim=1, keepdim=True) + module.positional_embedding
    x = torch.cat([mean, x], dim=1)
    return multi_head_attention(module.q_proj(mean), module.k_proj(x), module.v_proj(x), module.num_heads)[:, 0]


def clip_attention(module: CLIPAttention, hidden_states: Tensor, **_: object) -> tuple[Tensor, None]:
    """Causal self-attention of CLIP's text model over [batch, tokens, width]."""
    batch, tokens, width = hidden_states.shape

    def heads(projection: nn.Linear) -> Tensor:
        return projection(hidden_states).reshape(batch, tokens, module.num_heads, module.head_dim).transpose(1, 2)

    later = torch.full((tokens, tokens), MASKED).triu(1).to(hidden_states.dtype)
    scores = (heads(module.q_proj) * module.scale) @ heads(module.k_proj).transpose(2, 3) + later
    mixed = torch.softmax(scores, dim=-1) @ heads(module.v_proj)
    return module.out_proj(mixed.transpose(1, 2).reshape(batch, tokens, width)), None


def clip_embeddings(module: CLIPTextEmbeddings, input_ids: Tensor) -> Tensor:
    """Token plus position embeddings [batch, tokens, width]; positions are a slice, not a look-up by int64 indices."""
    return module.token_embedding(input_ids) + module.position_embedding.weight[: input_ids.shape[1]]


def row_of(hidden_states: Tensor, place: Tensor) -> Tensor:
    """Of hidden_states [batch, tokens, width] the row at place int [batch] of each text: [batch, width].

    A product with a row of zeros and a one: WebGPU has no int64 arithmetic, which the look-up would be made of.
    """
    places = torch.arange(hidden_states.shape[1], dtype=torch.float32)
    distance = (places[None] - place.float()[:, None]).abs()  # [batch, tokens]
    return ((1 - distance).clamp(min=0)[:, None].to(hidden_states.dtype) @ hidden_states)[:, 0]


FORWARDS: dict[type[nn.Module], Callable] = {
    nn.Linear: linear,
    AttentionPooling: attention_pooling,
    CLIPAttention: clip_attention,
    CLIPTextEmbeddings: clip_embeddings,
}


def emit_fused_operators(network: nn.Module) -> None:
    """Replaces, in place, the forward of every module that has a better form. The parameters stay as they are."""
    for module in network.modules():
        if isinstance(module, Attention):
            module.set_processor(FusedAttention())
        if type(module) in FORWARDS:
            module.forward = types.MethodType(FORWARDS[type(module)], module)
